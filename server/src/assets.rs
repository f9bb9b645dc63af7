//! The built site: embedded in the binary, or read from `HOLDFAST_SITE_DIR` while developing. Names hold the hash of the
//! content, so that browsers may keep files for ever; compressed forms were made by the build.

use app::shell::AssetPaths;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::Path,
    sync::Arc,
};

/// Where the files are mounted.
pub const PREFIX: &str = "/assets/";

/// A file as `build.rs` embeds it.
struct Embedded {
    path: &'static str,
    plain: &'static [u8],
    br: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/site.rs"));
}

/// `assets.json`, as `cargo xtask build` writes it.
#[derive(Deserialize)]
struct Manifest {
    build: String,
    css: String,
    js: String,
    wasm: String,
    chunks: BTreeMap<String, Vec<String>>,
    files: BTreeMap<String, Listed>,
}

#[derive(Deserialize)]
struct Listed {
    path: String,
    #[serde(rename = "type")]
    kind: String,
    br: Option<u64>,
    gzip: Option<u64>,
}

#[derive(Debug)]
struct File {
    kind: HeaderValue,
    plain: Form,
    br: Option<Form>,
    gzip: Option<Form>,
}

/// One form of a file; each has its own entity tag.
#[derive(Debug)]
struct Form {
    bytes: Bytes,
    tag: HeaderValue,
}

/// All files of the site. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Site(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    files: HashMap<String, File>,
    paths: app::shell::Assets,
    build: String,
}

impl Site {
    /// The site: from the folder when one is given, else what is embedded.
    pub fn load(folder: Option<&Path>) -> io::Result<Self> {
        match folder {
            Some(folder) => Self::read(&fs::read_to_string(folder.join("assets.json"))?, |path| {
                fs::read(folder.join(path)).map(Bytes::from)
            }),
            None if embedded::MANIFEST.is_empty() => {
                tracing::warn!("this build has no site: pages have no looks and no scripts; use `cargo xtask build`");
                Ok(Self(Arc::new(Inner {
                    files: HashMap::new(),
                    paths: app::shell::Assets::default(),
                    build: "none".into(),
                })))
            }
            None => Self::read(embedded::MANIFEST, |path| {
                let find = |file: &str, form: fn(&Embedded) -> Option<&'static [u8]>| {
                    embedded::FILES.iter().find(|f| f.path == file).and_then(form)
                };
                let found = match path.rsplit_once('.') {
                    Some((file, "br")) => find(file, |f| f.br),
                    Some((file, "gz")) => find(file, |f| f.gzip),
                    _ => find(path, |f| Some(f.plain)),
                };
                found.map(Bytes::from_static).ok_or_else(|| io::ErrorKind::NotFound.into())
            }),
        }
    }

    fn read(manifest: &str, open: impl Fn(&str) -> io::Result<Bytes>) -> io::Result<Self> {
        let manifest: Manifest = serde_json::from_str(manifest).map_err(io::Error::other)?;
        let mut files = HashMap::new();
        for listed in manifest.files.values() {
            let form = |ending: &str| -> io::Result<Form> {
                let tag = format!("\"{}{ending}\"", listed.path);
                Ok(Form {
                    bytes: open(&format!("{}{ending}", listed.path))?,
                    tag: HeaderValue::from_str(&tag).map_err(io::Error::other)?,
                })
            };
            let file = File {
                kind: HeaderValue::from_str(&listed.kind).map_err(io::Error::other)?,
                plain: form("")?,
                br: listed.br.map(|_| form(".br")).transpose()?,
                gzip: listed.gzip.map(|_| form(".gz")).transpose()?,
            };
            files.insert(listed.path.clone(), file);
        }
        let url = |path: &str| format!("{PREFIX}{path}");
        let named = |logical: &str, fallback: &str| {
            manifest.files.get(logical).map_or_else(|| fallback.to_owned(), |listed| url(&listed.path))
        };
        let unnamed = AssetPaths::default();
        let paths = AssetPaths {
            css: url(&manifest.css),
            js: url(&manifest.js),
            wasm: url(&manifest.wasm),
            font: named("atkinson-hyperlegible-next.woff2", &unnamed.font),
            favicon: named("favicon.svg", &unnamed.favicon),
            chunks: manifest
                .chunks
                .iter()
                .map(|(function, paths)| (function.clone(), paths.iter().map(|p| url(p)).collect()))
                .collect(),
        };
        Ok(Self(Arc::new(Inner { files, paths: Arc::new(paths), build: manifest.build })))
    }

    /// What pages link to.
    pub fn paths(&self) -> app::shell::Assets {
        self.0.paths.clone()
    }

    /// Changes with every change of the site.
    pub fn build(&self) -> &str {
        &self.0.build
    }

    /// Answers for the file at `path`, which is below [`PREFIX`].
    pub fn answer(&self, path: &str, request: &HeaderMap) -> Response {
        let Some(file) = self.0.files.get(path) else {
            return (StatusCode::NOT_FOUND, "There is no such file.").into_response();
        };
        let accepted = accepted(request);
        let (form, encoding) = match (&file.br, &file.gzip) {
            (Some(br), _) if accepted.br => (br, Some("br")),
            (_, Some(gzip)) if accepted.gzip => (gzip, Some("gzip")),
            _ => (&file.plain, None),
        };
        let known = request.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|tags| {
            tags.split(',').map(str::trim).any(|tag| tag.trim_start_matches("W/").as_bytes() == form.tag.as_bytes())
        });
        let mut answer = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(form.bytes.clone()).into_response()
        };
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, file.kind.clone());
        headers.insert(header::ETAG, form.tag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        answer
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Accepted {
    br: bool,
    gzip: bool,
}

/// Encodings that the client takes; `q=0` refuses one.
fn accepted(request: &HeaderMap) -> Accepted {
    let mut accepted = Accepted::default();
    let values = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    for one in values.flat_map(|v| v.split(',')) {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
        match name.trim() {
            "br" => accepted.br = !refused,
            "gzip" => accepted.gzip = !refused,
            _ => {}
        }
    }
    accepted
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    const MANIFEST: &str = r#"{"build":"b1","css":"app.1.css","js":"app.2.js","wasm":"app_bg.3.wasm","split":"s.js",
        "chunks":{"wizard":["c.4.wasm"]},"files":{
        "app.css":{"path":"app.1.css","type":"text/css; charset=utf-8","bytes":5,"br":3,"gzip":4},
        "favicon.svg":{"path":"favicon.9.svg","type":"image/svg+xml","bytes":5,"br":null,"gzip":null}}}"#;

    fn site() -> Site {
        Site::read(MANIFEST, |path| Ok(Bytes::from(path.to_owned()))).unwrap()
    }

    fn asking(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.clone(), v.parse().unwrap())).collect()
    }

    #[test]
    fn gives_the_smallest_form_that_the_client_takes() {
        let encoding = |accept: &str| {
            let answer = site().answer("app.1.css", &asking(&[(header::ACCEPT_ENCODING, accept)]));
            assert_eq!(answer.headers()[header::VARY], "accept-encoding");
            answer.headers().get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap().to_owned())
        };
        assert_eq!(encoding("gzip, deflate, br, zstd").as_deref(), Some("br"));
        assert_eq!(encoding("gzip;q=0.5, br;q=0").as_deref(), Some("gzip"));
        assert_eq!(encoding("identity"), None);
    }

    #[test]
    fn a_known_file_is_not_sent_again() {
        let answer = site().answer("app.1.css", &asking(&[]));
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        let tag = answer.headers()[header::ETAG].to_str().unwrap().to_owned();
        let again = site().answer("app.1.css", &asking(&[(header::IF_NONE_MATCH, &tag)]));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        // The same file in another encoding is another entity.
        let other =
            site().answer("app.1.css", &asking(&[(header::IF_NONE_MATCH, &tag), (header::ACCEPT_ENCODING, "br")]));
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn pages_link_to_hashed_names() {
        let paths = site().paths();
        assert_eq!(paths.css, "/assets/app.1.css");
        assert_eq!(paths.favicon, "/assets/favicon.9.svg");
        assert_eq!(paths.chunks["wizard"], ["/assets/c.4.wasm"]);
        assert_eq!(site().answer("../Cargo.toml", &asking(&[])).status(), StatusCode::NOT_FOUND);
    }
}
