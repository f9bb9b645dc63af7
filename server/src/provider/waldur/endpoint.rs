//! The connection form: what it asks, and how it becomes an endpoint.

use super::generation::Generation;
use crate::provider::{Endpoint, Secret, Settings, form};
use model::{
    Invalid,
    connection::{ConnectionDraft, FieldText, Guide, ProviderKind, SystemForm},
};

const EXAMPLE: &str = "https://waldur.example";

/// What the form asks.
pub fn ask() -> SystemForm {
    let mut variants = vec![(String::new(), "Find out".to_owned())];
    for (generation, words) in [
        (Generation::G2, "G2: NodeConductor, spring 2016"),
        (Generation::G3, "G3: Waldur MasterMind, 2017 to 2024"),
        (Generation::G4, "G4: Waldur MasterMind, 2024"),
        (Generation::G5, "G5: from 2025 on, without schedules"),
    ] {
        variants.push((generation.word().to_owned(), words.to_owned()));
    }
    SystemForm {
        kind: ProviderKind::Waldur,
        address: FieldText::new("Waldur's address", EXAMPLE, "Without /api at its end."),
        credential: FieldText::new("API token", "", "The token of an account; Waldur shows it in the account's settings."),
        kubeconfig: false,
        account: None,
        namespace: None,
        variant: Some((
            FieldText::new(
                "Generation",
                "",
                "The same addresses mean different things in Waldurs of different years. The test finds out which this is.",
            ),
            variants,
        )),
        tests: "It looks the name up, opens the port, checks the certificate, whether it is Waldur, the token, which generation it \
                speaks and whether it shows instances, and says where it stops. Nothing is stored or changed by it."
            .into(),
        guide: Guide {
            text: "Use an account of its own that has a role with the right to change resources in the projects whose instances are \
                   protected, and in no others. Give its token the longest lifetime that you can bear: when it ends, Holdfast sees \
                   nothing any more. Waldur gives a token for a password:"
                .into(),
            code: "curl --fail-with-body -X POST https://waldur.example/api-auth/password/ \\\n  \
                   -H 'Content-Type: application/json' \\\n  \
                   --data '{\"username\": \"holdfast\", \"password\": \"...\"}'"
                .into(),
        },
    }
}

/// Reads the form. See [`crate::provider::System::endpoint`].
pub fn endpoint(draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
    let mut invalid = Invalid::default();
    let typed = form::address(&draft.address, "address", EXAMPLE, &mut invalid);
    // People copy the address of the API's first page.
    let address = typed.strip_suffix("/api").unwrap_or(&typed).trim_end_matches('/').to_owned();
    let pasted = draft.credential.trim();
    // So it stands in Waldur's own examples.
    let pasted = pasted.get(..6).filter(|head| head.eq_ignore_ascii_case("token ")).map_or(pasted, |_| &pasted[6..]);
    let token = form::credential(pasted, &address, stored, "token", &mut invalid);
    let ca = form::authority(&draft.ca, &mut invalid);
    let variant = draft.variant.trim();
    if !variant.is_empty() && Generation::from_word(variant).is_none() {
        invalid.push("variant", "unknown", format!("“{variant}” is no generation that Holdfast speaks: G2 to G5 are."));
    }
    let settings =
        Settings { address, ca, variant: variant.to_owned(), credential_kind: "token".into(), ..Settings::default() };
    invalid.check(Endpoint { kind: ProviderKind::Waldur, settings, secret: Secret::token(token) })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn draft(address: &str, credential: &str, variant: &str) -> ConnectionDraft {
        ConnectionDraft {
            system: "waldur".into(),
            name: "w".into(),
            address: address.into(),
            credential: credential.into(),
            variant: variant.into(),
            ..ConnectionDraft::default()
        }
    }

    #[test]
    fn what_people_paste_is_understood() {
        for address in ["https://waldur.example", "https://waldur.example/", "https://waldur.example/api/"] {
            for token in ["c84d653b", "Token c84d653b", " token  c84d653b "] {
                let endpoint = endpoint(&draft(address, token, "G4"), None).unwrap();
                assert_eq!(endpoint.settings.address, "https://waldur.example");
                assert_eq!((endpoint.secret.token.as_str(), endpoint.settings.variant.as_str()), ("c84d653b", "G4"));
            }
        }
    }

    #[test]
    fn what_is_wrong_names_its_field() {
        let invalid = endpoint(&draft("http://waldur.example", "", "G1"), None).unwrap_err();
        for field in ["address", "credential", "variant"] {
            assert!(invalid.about(field).is_some(), "{field}: {invalid:?}");
        }
        let stored = endpoint(&draft("https://waldur.example", "secret", ""), None).unwrap();
        let kept = endpoint(&draft("https://waldur.example/api", "", ""), Some(&stored)).unwrap();
        assert_eq!(kept.secret.token, "secret");
        let moved = endpoint(&draft("https://other.example", "", ""), Some(&stored)).unwrap_err();
        assert!(moved.about("credential").is_some_and(|s| s.contains("another host")), "{moved:?}");
    }
}
