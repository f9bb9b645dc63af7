#![expect(clippy::unwrap_used, reason = "tests")]
use super::*;

fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn text<'a>(named: &'a BTreeMap<String, (String, Vec<u8>)>, logical: &str) -> &'a str {
    str::from_utf8(&named[logical].1).unwrap()
}

const LINK: &str = "import { initSync } from \"./app.js\";\nfetch(new URL(\"./chunk_0.wasm\", import.meta.url))";
const APP: &str = "import * as a from \"./__wasm_split.______________________.js\";\n\
                   const imports = { \"./__wasm_split.______________________.js\": a };";

fn built(chunk: &str) -> BTreeMap<String, (String, Vec<u8>)> {
    let named = name(files(&[
        ("app.js", APP),
        (wasm::LINK_FILE, LINK),
        ("chunk_0.wasm", chunk),
        ("app.css", "@font-face{src:url(\"fonts/a.woff2\") format(\"woff2\")}"),
        ("fonts/a.woff2", "font"),
    ]));
    named.unwrap()
}

#[test]
fn names_carry_the_hash_before_the_extension() {
    assert_eq!(with_hash("fonts/a.woff2", "0f"), "fonts/a.0f.woff2");
    assert_eq!(with_hash("favicon", "0f"), "favicon.0f");
    assert_eq!(with_hash(wasm::LINK_FILE, "0f"), "__wasm_split.0f.js");
}

#[test]
fn references_follow_the_names() {
    let named = built("chunk");
    let (link, _) = &named[wasm::LINK_FILE];
    let (chunk, _) = &named["chunk_0.wasm"];
    let (app, _) = &named["app.js"];
    assert!(text(&named, wasm::LINK_FILE).contains(&format!("from \"./{app}\"")));
    assert!(text(&named, wasm::LINK_FILE).contains(&format!("new URL(\"./{chunk}\"")));
    assert!(text(&named, "app.js").contains(&format!("from \"./{link}\"")));
    assert!(
        text(&named, "app.js").contains("{ \"./__wasm_split.______________________.js\": a }"),
        "the key of the import object is compiled into the WASM"
    );
    assert!(text(&named, "app.css").contains(&format!("url(\"{}\")", named["fonts/a.woff2"].0)));
}

#[test]
fn a_changed_chunk_renames_every_script_that_leads_to_it() {
    let (before, after) = (built("chunk"), built("other chunk"));
    assert_ne!(before["chunk_0.wasm"].0, after["chunk_0.wasm"].0);
    assert_ne!(before[wasm::LINK_FILE].0, after[wasm::LINK_FILE].0);
    assert_ne!(before["app.js"].0, after["app.js"].0);
    assert_eq!(before["app.css"].0, after["app.css"].0);
}

#[test]
fn a_stylesheet_that_names_a_missing_file_is_refused() {
    let error = with_hashed_urls("a{b:url(x.png)}", &BTreeMap::new()).unwrap_err();
    assert!(error.to_string().contains("x.png"));
    let untouched = "a{b:url(\"data:image/png;base64,AA\");c:url(#d)}";
    assert_eq!(with_hashed_urls(untouched, &BTreeMap::new()).unwrap(), untouched);
}

#[test]
fn chunks_are_listed_by_their_served_names() {
    let named = built("chunk");
    let listed = named_chunks(br#"{"wizard":["chunk_0"]}"#, |logical| named.get(logical).map(|(path, _)| path.clone()));
    assert_eq!(listed.unwrap()["wizard"][0], named["chunk_0.wasm"].0.as_str());
    assert!(named_chunks(br#"{"wizard":["gone"]}"#, |_| None).is_err());
}

#[test]
fn compression_is_kept_only_where_it_helps() {
    let dir = std::env::temp_dir().join(format!("holdfast-xtask-site-{}", std::process::id()));
    let long = "the same words again and again ".repeat(50);
    let (_, _, bytes, br, gz) = write_one("a.txt", "a.txt", long.as_bytes(), &dir, Flavour::Release).unwrap();
    assert!(br.unwrap() < bytes && gz.unwrap() < bytes);
    assert!(dir.join("a.txt.br").is_file() && dir.join("a.txt.gz").is_file());
    let (_, _, _, br, gz) = write_one("b.txt", "b.txt", b"short", &dir, Flavour::Release).unwrap();
    assert_eq!((br, gz), (None, None));
    assert!(!dir.join("b.txt.br").exists());
    fs::remove_dir_all(dir).unwrap();
}
