//! What the form starts with, and what becomes of it when another system is chosen.

use model::connection::{Connection, ConnectionDraft, FieldText, SystemForm};

/// A new connection's draft for the first system, or the stored values without their secrets.
pub fn started(stored: Option<&Connection>, systems: &[SystemForm]) -> ConnectionDraft {
    match stored {
        Some(c) => ConnectionDraft {
            system: c.kind.key().to_owned(),
            name: c.name.clone(),
            address: c.address.clone(),
            ca: c.ca.clone(),
            namespace: c.namespace.clone(),
            account: c.account.clone(),
            variant: c.variant.clone(),
            ..ConnectionDraft::default()
        },
        None => {
            let mut draft = ConnectionDraft::default();
            if let Some(first) = systems.first() {
                change_system(&mut draft, first.kind.key(), systems);
            }
            draft
        }
    }
}

/// Chooses another system. What was typed stays where both have the field; a value that the former system put there gives
/// its place to the new one's, and what the new one does not ask for is not sent to it.
pub fn change_system(draft: &mut ConnectionDraft, key: &str, systems: &[SystemForm]) {
    let of = |key: &str| systems.iter().find(|s| s.kind.key() == key);
    let Some(new) = of(key) else { return };
    let old = of(&draft.system);
    settle(&mut draft.address, old.map(|s| &s.address), Some(&new.address));
    settle(&mut draft.account, old.and_then(|s| s.account.as_ref()), new.account.as_ref());
    settle(&mut draft.namespace, old.and_then(|s| s.namespace.as_ref()), new.namespace.as_ref());
    let choices = new.variant.as_ref().map(|(_, choices)| choices.as_slice()).unwrap_or_default();
    if !choices.iter().any(|(value, _)| *value == draft.variant) {
        draft.variant = choices.first().map(|(value, _)| value.clone()).unwrap_or_default();
    }
    if !new.kubeconfig {
        draft.by_kubeconfig = false;
        draft.kubeconfig.clear();
    }
    key.clone_into(&mut draft.system);
}

fn settle(text: &mut String, old: Option<&FieldText>, new: Option<&FieldText>) {
    match new {
        None => text.clear(),
        Some(new) if text.is_empty() || old.is_some_and(|old| old.initial == *text) => new.initial.clone_into(text),
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::connection::{Guide, ProviderKind};

    fn system(kind: ProviderKind) -> SystemForm {
        SystemForm {
            kind,
            address: FieldText::default(),
            credential: FieldText::default(),
            kubeconfig: false,
            account: None,
            namespace: None,
            variant: None,
            tests: String::new(),
            guide: Guide::default(),
        }
    }

    fn systems() -> Vec<SystemForm> {
        let text = FieldText::default;
        vec![
            SystemForm { kubeconfig: true, namespace: Some(text().starting("velero")), ..system(ProviderKind::Velero) },
            SystemForm {
                address: text().starting("https://hosted.example"),
                account: Some(text()),
                variant: Some((text(), vec![("".into(), "find out".into()), ("g2".into(), "older".into())])),
                ..system(ProviderKind::Waldur)
            },
            SystemForm { account: Some(text()), ..system(ProviderKind::Astra) },
        ]
    }

    #[test]
    fn what_was_typed_stays_where_both_systems_ask_for_it() {
        let systems = systems();
        let mut draft = started(None, &systems);
        assert_eq!((draft.system.as_str(), draft.namespace.as_str()), ("velero", "velero"));
        draft.name = "a".into();
        draft.credential = "t".into();
        draft.by_kubeconfig = true;
        draft.kubeconfig = "k".into();
        change_system(&mut draft, "waldur", &systems);
        assert_eq!(draft.address, "https://hosted.example", "its own address, as none was typed");
        assert_eq!((draft.name.as_str(), draft.credential.as_str()), ("a", "t"));
        assert!(!draft.by_kubeconfig && draft.kubeconfig.is_empty() && draft.namespace.is_empty());
        draft.account = "42".into();
        draft.variant = "g2".into();
        change_system(&mut draft, "astra", &systems);
        assert_eq!((draft.account.as_str(), draft.variant.as_str()), ("42", ""));
        assert_eq!(draft.address, "", "nobody typed the other system's address");
        draft.address = "https://own.example".into();
        change_system(&mut draft, "waldur", &systems);
        assert_eq!(draft.address, "https://own.example");
        change_system(&mut draft, "velero", &systems);
        assert_eq!((draft.namespace.as_str(), draft.account.as_str()), ("velero", ""));
    }

    #[test]
    fn an_unknown_system_changes_nothing() {
        let mut draft = started(None, &systems());
        change_system(&mut draft, "other", &systems());
        assert_eq!(draft, started(None, &systems()));
    }
}
