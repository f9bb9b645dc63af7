//! A pasted kubeconfig: only what stands in it counts. Whatever would run a program or read a file does so on the server that
//! reads it, and is refused.

use super::check_identity;
use crate::provider::form::{address, certificates, check_token};
use crate::provider::{Secret, Settings};
use base64::{Engine, engine::general_purpose::STANDARD};
use model::Invalid;
use serde::Deserialize;
use serde_yaml_ng::{Mapping, Value};

/// No kubeconfig of one cluster is near this.
const LARGEST: usize = 256 * 1024;
const FIELD: &str = "kubeconfig";

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Kubeconfig {
    current_context: String,
    clusters: Vec<Named>,
    users: Vec<Named>,
    contexts: Vec<Named>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
    cluster: Mapping,
    user: Mapping,
    context: Mapping,
}

/// Settings and secret of the current context; or everything that stands against it.
pub fn read(text: &str) -> Result<(Settings, Secret), Invalid> {
    let one = |code: &str, sentence: String| Invalid::one(FIELD, code, sentence);
    if text.len() > LARGEST {
        return Err(one("too-long", "This is longer than 256 kB; paste a kubeconfig of one cluster.".into()));
    }
    // The parser's own message may quote the text, and with it a token.
    let config: Kubeconfig = serde_yaml_ng::from_str(text).map_err(|e| {
        let place = e.location().map(|l| format!(" (line {}, column {})", l.line(), l.column())).unwrap_or_default();
        one("yaml", format!("This can't be read as a kubeconfig{place}."))
    })?;
    if config.current_context.is_empty() {
        return Err(one("context", "It has no current-context; choose one with kubectl config use-context.".into()));
    }
    let context =
        config.contexts.iter().find(|c| c.name == config.current_context).map(|c| &c.context).ok_or_else(|| {
            one("context", format!("Its current-context “{}” is not among its contexts.", config.current_context))
        })?;
    let (cluster_name, user_name) = (string(context, "cluster"), string(context, "user"));
    let cluster = config.clusters.iter().find(|c| c.name == cluster_name).map(|c| &c.cluster);
    let cluster = cluster.ok_or_else(|| one("context", format!("Its cluster “{cluster_name}” is not in it.")))?;
    let user = config.users.iter().find(|u| u.name == user_name).map(|u| &u.user);
    let user = user.ok_or_else(|| one("context", format!("Its user “{user_name}” is not in it.")))?;

    let mut invalid = Invalid::default();
    refuse(cluster, user, &mut invalid);
    let address = address(&string(cluster, "server"), FIELD, "https://cluster.example:6443", &mut invalid);
    let ca = data(cluster, "certificate-authority-data", &mut invalid);
    if !ca.is_empty()
        && let Err(sentence) = certificates(&ca)
    {
        invalid.push(FIELD, "pem", format!("Its certificate-authority-data: {sentence}"));
    }
    let mut secret = Secret {
        token: string(user, "token").trim().to_owned(),
        client_certificate: data(user, "client-certificate-data", &mut invalid),
        client_key: data(user, "client-key-data", &mut invalid),
    };
    if !secret.token.is_empty() {
        check_token(&secret.token, FIELD, &mut invalid);
        // One credential is enough, and the token is the one that can be told to expire.
        secret.client_certificate.clear();
        secret.client_key.clear();
    } else if !secret.client_certificate.is_empty() || !secret.client_key.is_empty() {
        if let Err(sentence) = check_identity(&secret.client_certificate, &secret.client_key) {
            invalid.push(FIELD, "pem", sentence);
        }
    } else if invalid.0.is_empty() {
        invalid.push(FIELD, "required", "Its user has neither a token nor a client certificate in it.");
    }
    let server_name = string(cluster, "tls-server-name");
    if rustls::pki_types::ServerName::try_from(server_name.as_str()).is_err() && !server_name.is_empty() {
        invalid.push(FIELD, "url", "Its tls-server-name is no host's name.");
    }
    invalid.check((Settings { address, ca, server_name, ..Settings::default() }, secret))
}

/// Names every field that would act on this server or weaken the connection.
fn refuse(cluster: &Mapping, user: &Mapping, invalid: &mut Invalid) {
    const FILE: &str = "names a file, which would be read on Holdfast's server; use";
    let user_fields = [
        ("exec", "runs a program, which would run on Holdfast's server; use a service account's token".to_owned()),
        ("auth-provider", "runs a plug-in, which would run on Holdfast's server; use a service account's token".into()),
        ("tokenFile", format!("{FILE} token")),
        ("client-certificate", format!("{FILE} client-certificate-data")),
        ("client-key", format!("{FILE} client-key-data")),
        ("username", "is basic authentication, which Kubernetes has dropped; use a token".into()),
        ("password", "is basic authentication, which Kubernetes has dropped; use a token".into()),
        ("as", "acts as somebody else; use a credential of its own".into()),
        ("as-groups", "acts as somebody else; use a credential of its own".into()),
        ("as-uid", "acts as somebody else; use a credential of its own".into()),
    ];
    let cluster_fields = [
        ("certificate-authority", format!("{FILE} certificate-authority-data")),
        (
            "insecure-skip-tls-verify",
            "turns checking off: the token would be sent to whoever answers; use certificate-authority-data".into(),
        ),
        (
            "proxy-url",
            "sends everything, the token too, through another host; make the cluster reachable directly".into(),
        ),
    ];
    for (map, fields) in [(user, user_fields.as_slice()), (cluster, cluster_fields.as_slice())] {
        for (key, why) in fields {
            let set =
                map.get(*key).is_some_and(|v| !matches!(v, Value::Null | Value::Bool(false)) && v.as_str() != Some(""));
            if set {
                invalid.push(FIELD, "refused", format!("Its field {key} {why}."));
            }
        }
    }
}

fn string(map: &Mapping, key: &str) -> String {
    map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn data(map: &Mapping, key: &str, invalid: &mut Invalid) -> String {
    let text: String = string(map, key).split_whitespace().collect();
    match STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => text,
        None => {
            invalid.push(FIELD, "base64", format!("Its {key} can't be read as base64."));
            String::new()
        }
    }
}
