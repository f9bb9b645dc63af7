//! What the connection form asks, and from the form to an endpoint.

use super::generation::Generation;
use crate::provider::{Endpoint, Secret, Settings, form};
use model::{
    Invalid,
    connection::{ConnectionDraft, FieldText, Guide, ProviderKind, SystemForm},
};

/// The hosted service.
const HOSTED: &str = "https://api.spectrocloud.com";

/// What the form asks.
pub fn system_form() -> SystemForm {
    SystemForm {
        kind: ProviderKind::Palette,
        address: FieldText::new("Palette's API", HOSTED, "Of an installation of your own, its console's address.")
            .starting(HOSTED),
        credential: FieldText::new("API key", "", "Made in Palette under My API Keys, by a user with the rights below."),
        kubeconfig: false,
        account: Some(FieldText::new(
            "Project uid",
            "65aa0b1c2d3e4f5061728394",
            "Workspaces belong to a project; the test lists the projects that the key sees.",
        )),
        namespace: None,
        variant: Some((
            FieldText::new("Release", "", "Decides how objects without a namespace are asked for."),
            [("", "Found out"), ("4.6", "4.6 or later"), ("4.5", "Before 4.6")]
                .map(|(value, word)| (value.to_owned(), word.to_owned()))
                .to_vec(),
        )),
        tests: "It looks the name up, opens the port, checks the certificate, that Palette answers, the key, the project, its \
                workspaces and its backup locations, and says where it stops. Nothing is stored or changed by it."
            .into(),
        guide: Guide {
            text: "An API key has its user's rights and an end. Make a user for Holdfast with the role Workspace Operator in \
                   the project, or a role of your own with: workspace get, list, backup and restore; location get and list; \
                   project get. docs/providers/palette.md says which call needs what."
                .into(),
            code: String::new(),
        },
    }
}

/// Reads the form. An empty key keeps the stored one for the same host. An empty project is let through: the test says which
/// there are.
pub fn endpoint(draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
    let mut invalid = Invalid::default();
    let address = form::address(&draft.address, "address", HOSTED, &mut invalid);
    let ca = form::authority(&draft.ca, &mut invalid);
    let token = form::credential(&draft.credential, &address, stored, "API key", &mut invalid);
    let account = draft.account.trim().to_owned();
    if account.len() > 200 || account.chars().any(|c| !c.is_ascii_graphic()) {
        invalid.push(
            "account",
            "charset",
            "A project's uid is one word of letters and digits; Palette shows it in its address bar.",
        );
    }
    let variant = draft.variant.trim().to_owned();
    if !variant.is_empty() && Generation::of_variant(&variant).is_none() {
        invalid.push("variant", "unknown", format!("“{variant}” is no release that can be chosen."));
    }
    invalid.check(Endpoint {
        kind: ProviderKind::Palette,
        settings: Settings { address, account, variant, ca, credential_kind: "API key".into(), ..Settings::default() },
        secret: Secret::token(token),
    })
}
