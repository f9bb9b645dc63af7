//! The connection form: address, account and API token.

use crate::provider::{Endpoint, Secret, Settings, form};
use model::{
    Invalid,
    connection::{ConnectionDraft, FieldText, Guide, ProviderKind, SystemForm},
};

const EXAMPLE: &str = "https://astra.netapp.io";

/// What the form asks.
pub fn ask() -> SystemForm {
    SystemForm {
        kind: ProviderKind::Astra,
        address: FieldText::new(
            "Address",
            EXAMPLE,
            "Of Astra Control Center in your network, or of the hosted service; without /accounts.",
        )
        .starting(EXAMPLE),
        credential: FieldText::new("API token", "", "Made under your account, API access. It never expires, and can be revoked."),
        kubeconfig: false,
        account: Some(FieldText::new(
            "Account id",
            "a1a1a1a1-0000-4000-8000-000000000000",
            "Stands beside the tokens under API access.",
        )),
        namespace: None,
        variant: None,
        tests: "It looks the name up, opens the port, checks the certificate, the token, the account, what the token's user may do \
                with the apps, and the buckets, and says where it stops. Nothing is stored or changed by it."
            .into(),
        guide: Guide {
            text: "Make a user of its own for Holdfast with the role member, confined to the namespaces that are protected; a member \
                   can back up and restore, and can't change accounts, clusters or buckets. Sign in as that user, open API access, \
                   and generate a token. A restore into a new namespace is seen by a confined user only after an administrator has \
                   added that namespace."
                .into(),
            code: String::new(),
        },
    }
}

/// Reads the form. An empty credential keeps the stored one, but only for the same host and port.
pub fn endpoint(draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
    let mut invalid = Invalid::default();
    let address = form::address(&draft.address, "address", EXAMPLE, &mut invalid);
    if address.contains("/accounts") {
        invalid.push("address", "url", "Give the address without /accounts; the account's id has a field of its own.");
    }
    let ca = form::authority(&draft.ca, &mut invalid);
    let account = draft.account.trim().to_ascii_lowercase();
    if account.is_empty() {
        invalid.push("account", "required", "Give the account's id; it stands beside the API tokens in Astra Control.");
    } else if !is_id(&account) {
        invalid.push(
            "account",
            "form",
            "An account's id looks like a1a1a1a1-0000-4000-8000-000000000000; copy it whole.",
        );
    }
    let token = form::credential(&draft.credential, &address, stored, "API token", &mut invalid);
    let settings = Settings { address, account, ca, credential_kind: "API token".into(), ..Settings::default() };
    invalid.check(Endpoint { kind: ProviderKind::Astra, settings, secret: Secret::token(token) })
}

/// Ids are UUIDs of version 4 or 5, or all zero; the version is not insisted on.
fn is_id(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn draft() -> ConnectionDraft {
        ConnectionDraft {
            address: "https://astra.example/".into(),
            account: " A1A1A1A1-0000-5000-8000-00000000000F ".into(),
            credential: "hunter2".into(),
            ..ConnectionDraft::default()
        }
    }

    #[test]
    fn the_form_is_read() {
        let endpoint = endpoint(&draft(), None).unwrap();
        assert_eq!(endpoint.settings.address, "https://astra.example");
        assert_eq!(endpoint.settings.account, "a1a1a1a1-0000-5000-8000-00000000000f");
        assert!(!format!("{endpoint:?}").contains("hunter2"));
        // The stored token is kept for its host, and sent to no other.
        let kept = super::endpoint(&ConnectionDraft { credential: String::new(), ..draft() }, Some(&endpoint)).unwrap();
        assert_eq!(kept.secret.token, "hunter2");
        let moved = ConnectionDraft { credential: String::new(), address: "https://evil.example".into(), ..draft() };
        let error = super::endpoint(&moved, Some(&endpoint)).unwrap_err();
        assert!(error.about("credential").is_some_and(|s| s.contains("another host")), "{error:?}");
    }

    #[test]
    fn every_problem_names_its_field() {
        for (change, field) in [
            (ConnectionDraft { account: String::new(), ..draft() }, "account"),
            (ConnectionDraft { account: "my-account".into(), ..draft() }, "account"),
            (ConnectionDraft { address: "https://astra.example/accounts/x".into(), ..draft() }, "address"),
            (ConnectionDraft { address: "http://astra.example".into(), ..draft() }, "address"),
            (ConnectionDraft { credential: "two words".into(), ..draft() }, "credential"),
            (ConnectionDraft { ca: "nothing".into(), ..draft() }, "ca"),
        ] {
            let error = endpoint(&change, None).unwrap_err();
            assert_eq!(error.0.iter().map(|e| e.path.as_str()).collect::<Vec<_>>(), [field], "{error:?}");
        }
    }
}
