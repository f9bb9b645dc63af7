//! What the chosen system asks for: address and credential or one pasted kubeconfig, and what else confines it.

use super::Form;
use crate::ui::{
    Answer, Syntax, code, field,
    part::{Part, Said, el, p, parts, switch},
    seg,
};
use model::connection::{ConnectionDraft, FieldText, Guide, SystemForm};

/// The fields of one system, in the order in which people have them at hand.
pub fn asked(form: Form, system: SystemForm) -> Part {
    let SystemForm { address, credential, kubeconfig, account, namespace, variant, guide, .. } = system;
    let kept = form.stored.with_untracked(|s| s.as_ref().map(|s| s.credential_kind.clone()));
    let by_fields = move || {
        parts([
            one(form, "address", address.clone(), Kind::Url, |d| &d.address, |d| &mut d.address),
            secret(form, &credential, kept.clone()),
            least(&guide),
            authority(form),
        ])
    };
    let reached = if kubeconfig { either(form, by_fields) } else { by_fields() };
    parts([
        reached,
        account.map(|text| one(form, "account", text, Kind::Text, |d| &d.account, |d| &mut d.account)).into(),
        variant.map(|(text, choices)| chosen(form, text, choices)).into(),
        namespace.map(|text| one(form, "namespace", text, Kind::Text, |d| &d.namespace, |d| &mut d.namespace)).into(),
    ])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Url,
}

/// A field in the system's words.
fn one(
    form: Form,
    id: &'static str,
    text: FieldText,
    kind: Kind,
    read: fn(&ConnectionDraft) -> &String,
    write: fn(&mut ConnectionDraft) -> &mut String,
) -> Part {
    let (frame, kind) = if kind == Kind::Url { ("", "url") } else { ("sm:w-1/2", "text") };
    field(id, text.label)
        .class(frame)
        .kind(kind)
        .placeholder(text.placeholder)
        .autocomplete("off")
        .value(form.text(read))
        .error(form.error(id))
        .help(text.help)
        .typed(move |text| form.edit(id, |d| *write(d) = text))
        .text()
}

/// Which of several contracts the system speaks.
fn chosen(form: Form, text: FieldText, choices: Vec<(String, String)>) -> Part {
    field("variant", text.label)
        .class("sm:w-1/2")
        .value(form.text(|d| &d.variant))
        .error(form.error("variant"))
        .help(text.help)
        .typed(move |text| form.edit("variant", |d| d.variant = text))
        .select(choices.into_iter().map(|(value, word)| Answer::new(value, word)).collect())
}

/// Two ways for a system that a kubeconfig leads to.
fn either(form: Form, by_fields: impl Fn() -> Part + Send + 'static) -> Part {
    let by_kubeconfig = move || form.draft.with(|d| d.by_kubeconfig);
    let by = seg(
        "Reach it by",
        true,
        "by",
        vec![Answer::new("fields", "Address and token"), Answer::new("kubeconfig", "Pasted kubeconfig")],
        Said::live(move || Some(if by_kubeconfig() { "kubeconfig" } else { "fields" }.to_owned())),
        move |text| form.edit("by_kubeconfig", |d| d.by_kubeconfig = text == "kubeconfig"),
    );
    parts([by, switch(by_kubeconfig, move |pasted| if pasted { kubeconfig(form) } else { by_fields() })])
}

/// What keeps a stored secret when nothing is typed; nothing for a new connection.
fn keep(kept: Option<String>) -> String {
    kept.map(|kind| format!("Stored: {kind}. Leave empty to keep it. ")).unwrap_or_default()
}

fn kubeconfig(form: Form) -> Part {
    let keep = keep(form.stored.with_untracked(|s| s.as_ref().map(|s| s.credential_kind.clone())));
    field("kubeconfig", "Kubeconfig")
        .autocomplete("off")
        .placeholder("apiVersion: v1\nkind: Config\n…")
        .value(form.text(|d| &d.kubeconfig))
        .error(form.error("kubeconfig"))
        .help(format!(
            "{keep}Its current context is used. Entries that run a command or read a file are refused: they would do so on this server. Sealed before it is stored, and never shown again."
        ))
        .typed(move |text| form.edit("kubeconfig", |d| d.kubeconfig = text))
        .area(9, true)
}

fn secret(form: Form, text: &FieldText, kept: Option<String>) -> Part {
    let stored = kept.is_some();
    let placeholder = if stored { "stored".to_owned() } else { text.placeholder.clone() };
    let own = if text.help.is_empty() { String::new() } else { format!("{} ", text.help) };
    let help = format!(
        "{}{own}Sealed before it is stored. It goes to this address alone and never back to a browser.",
        keep(kept)
    );
    field("credential", text.label.clone())
        .kind("password")
        .autocomplete("off")
        .placeholder(placeholder)
        .value(form.text(|d| &d.credential))
        .error(form.error("credential"))
        .help(help)
        .typed(move |text| form.edit("credential", |d| d.credential = text))
        .text()
}

/// How a credential with the least rights is made.
fn least(guide: &Guide) -> Part {
    if guide.text.is_empty() {
        return Part::default();
    }
    let commands = (!guide.code.is_empty())
        .then(|| code("Commands that make the credential", guide.code.clone(), Syntax::Plain, false));
    el("details")
        .put(el("summary").class("disclose").put("The least rights it needs, and how to make the credential"))
        .put(p("help mt-2").put(guide.text.clone()))
        .put(commands)
        .into()
}

fn authority(form: Form) -> Part {
    field("ca", "Certificate authority")
        .autocomplete("off")
        .placeholder("-----BEGIN CERTIFICATE-----")
        .value(form.text(|d| &d.ca))
        .error(form.error("ca"))
        .help("PEM. Empty trusts the well-known authorities. There is no switch to skip the check: the credential would go to whoever answers.")
        .typed(move |text| form.edit("ca", |d| d.ca = text))
        .area(3, true)
}
