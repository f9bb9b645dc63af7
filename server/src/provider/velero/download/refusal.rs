//! What a storage says when it refuses, without the address that it was asked by.

/// ` with “AccessDenied: Request has expired”` from a storage's XML error; empty when there is none.
pub(super) fn storage_words(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let part = |tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        let (word, _) = rest.split_once(&format!("</{tag}>"))?;
        Some(without_addresses(word).chars().take(200).collect::<String>())
    };
    match (part("Code"), part("Message")) {
        (Some(code), Some(message)) => format!(" with “{code}: {message}”"),
        (Some(one), None) | (None, Some(one)) => format!(" with “{one}”"),
        (None, None) => String::new(),
    }
}

/// What stands for an address that was cut out.
const ADDRESS: &str = "[address]";

/// The text without addresses and without the parameters that sign one, whole or in pieces: whoever has them may fetch the file.
/// Cut before it is shortened, so that no half of one is left.
fn without_addresses(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>');
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(ends) {
        let word = piece.trim_end_matches(ends);
        out.push_str(if tells_an_address(word) { ADDRESS } else { word });
        out.push_str(&piece[word.len()..]);
    }
    out
}

/// Whether a word has an address or a signing parameter in it, also where these are escaped for a form or for JSON.
fn tells_an_address(word: &str) -> bool {
    /// Amazon's and Google's begin so (`X-Amz-Signature`, `X-Amz-Credential`); others have a name of their own.
    const SIGNING: [&str; 2] = ["x-amz-", "x-goog-"];
    const SIGNED: [&str; 3] = ["signature=", "sig=", "accesskeyid="];
    let plain =
        word.to_ascii_lowercase().replace("%3a", ":").replace("%2f", "/").replace("%3d", "=").replace("\\/", "/");
    let signing = |name: &str| plain.split_once(name).is_some_and(|(_, rest)| rest.contains('='));
    plain.contains("://") || SIGNED.iter().any(|name| plain.contains(name)) || SIGNING.into_iter().any(signing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_address_is_not_repeated() {
        let signed = "https://s3.example/velero/backups/x.gz?X-Amz-Credential=AKIA%2F20261003&X-Amz-Signature=5ec3e7";
        for said in [
            format!("No such key: {}.", signed.replace('&', "&amp;")),
            format!("GET \"{signed}\" failed"),
            format!("<Resource>{signed}</Resource>"),
            format!("({signed})"),
            format!("from={}", signed.replace(':', "%3A").replace('/', "%2f").replace('=', "%3D")),
            signed.replace('/', "\\/"),
            "/velero/x.gz?X-Amz-Date=20261003T023000Z&X-Amz-Signature=5ec3e7".to_owned(),
            "the parameter x-amz-signature=5ec3e7 is wrong".to_owned(),
            "/velero/x.gz?AWSAccessKeyId=AKIA&Expires=1&Signature=5ec3e7".to_owned(),
            "/velero/x.gz?sv=2026&sig=5ec3e7%3D".to_owned(),
            "gs://velero/x.gz?X-Goog-Signature=5ec3e7".to_owned(),
            // The signature would stand beyond what is shown, and the key before.
            format!("{} {signed}", "x".repeat(150)),
        ] {
            let shown = storage_words(format!("<Code>{said}</Code><Message>{said}</Message>").as_bytes());
            for secret in ["5ec3e7", "AKIA", "s3.example", "velero"] {
                assert!(!shown.contains(secret), "{said}: {shown}");
            }
            assert!(shown.contains(ADDRESS), "{shown}");
        }
        let plain = "X-Amz-Expires must be a number; the signature, 'x', does not match: a=b.";
        assert_eq!(storage_words(format!("<Message>{plain}</Message>").as_bytes()), format!(" with “{plain}”"));
    }
}
