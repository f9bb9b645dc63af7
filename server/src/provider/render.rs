//! What the review step shows: a request's body as YAML, and the request as a command that does the same. Never with a
//! credential: a placeholder of the shell stands for it.

use super::Settings;
use serde::Serialize;

/// A body as YAML, in the order of the wire struct.
pub fn yaml<T: Serialize>(body: &T) -> String {
    serde_yaml_ng::to_string(body).unwrap_or_else(|e| format!("# This can't be shown as YAML: {e}\n"))
}

/// What stands where a request has no body.
pub const NO_BODY: &str = "# The request has no body.\n";

/// One option of a curl command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// `-H "ApiKey: $API_KEY"`: the shell puts in what `$` names.
    Filled(&'static str),
    /// `-H 'Accept: application/json'`: as it stands.
    Plain(String),
    /// `--cert client.crt --key client.key`.
    Certificate,
}

/// A curl command for a request. The authority stands in `ca.crt`. `body`: its media type, and itself.
pub fn curl<T: Serialize>(
    settings: &Settings,
    method: &str,
    path: &str,
    lines: &[Line],
    body: Option<(&str, &T)>,
) -> String {
    let mut out = format!("curl --fail-with-body -X {method} {}", quoted(&format!("{}{path}", settings.address)));
    if !settings.ca.is_empty() {
        out.push_str(" \\\n  --cacert ca.crt");
    }
    for line in lines {
        match line {
            Line::Filled(header) => out.push_str(&format!(" \\\n  -H \"{header}\"")),
            Line::Plain(header) => out.push_str(&format!(" \\\n  -H {}", quoted(header))),
            Line::Certificate => out.push_str(" \\\n  --cert client.crt --key client.key"),
        }
    }
    let Some((media, body)) = body else {
        out.push('\n');
        return out;
    };
    let json = serde_json::to_string_pretty(body).unwrap_or_default();
    out.push_str(&format!(" \\\n  -H {}", quoted(&format!("Content-Type: {media}"))));
    // The quoted word keeps the shell out of the body, and pretty JSON has no line that is EOF alone.
    out.push_str(&format!(" \\\n  --data-binary @- <<'EOF'\n{json}\nEOF\n"));
    out
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
