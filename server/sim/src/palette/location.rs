//! Backup locations. Their secrets never come back: a GET shows asterisks, and a PUT that sends those stores them.

use serde_json::{Value, json};

use super::Palette;
use super::reader::Reader;
use super::refusal::{Outcome, Refusal};
use super::routes::Call;
use super::state::{Location, Storage, is_mask};
use crate::json::{set, text};
use crate::rest::Answer;

const MASK: &str = "**********";

/// Refuses a configuration that lacks what its kind needs.
fn check(storage: Storage, config: &Reader<'_>) -> Outcome<()> {
    let wanted: &[&str] = match storage {
        Storage::S3 | Storage::Minio => &["bucketName", "region"],
        Storage::Gcp => &["bucketName"],
        Storage::Azure => &["resourceGroup", "containerName", "storageName"],
    };
    for name in wanted {
        config.required(name)?;
    }
    for name in ["s3Url", "caCert", "projectId", "sku"] {
        config.text(name)?;
    }
    for name in ["s3ForcePathStyle", "useRestic"] {
        config.flag(name)?;
    }
    let credentials = config.object("credentials")?;
    match storage {
        Storage::S3 | Storage::Minio => {
            let kind = credentials.choice("credentialType", &["secret", "sts", "podIdentity"])?;
            if kind.as_deref().unwrap_or("secret") == "secret" {
                credentials.required("accessKey")?;
                credentials.required("secretKey")?;
            } else if kind.as_deref() == Some("sts") {
                credentials.object("sts")?.required("arn")?;
            }
        }
        Storage::Gcp => drop(credentials.required("jsonCredentials")?),
        Storage::Azure => {
            for name in ["tenantId", "clientId", "clientSecret"] {
                credentials.required(name)?;
            }
            credentials.choice("clientCloud", &["public", "azure-china", "azure-government"])?;
        }
    }
    Ok(())
}

/// Name, whether it shall be the default, and the configuration.
fn read(storage: Storage, body: &Value) -> Outcome<(String, bool, Value)> {
    let reader = Reader::body(body)?;
    let name = reader.object("metadata")?.required("name")?;
    let spec = reader.object("spec")?;
    let config = spec.object("config")?;
    check(storage, &config)?;
    let is_default = spec.flag("isDefault")?.unwrap_or(false);
    Ok((name, is_default, spec.get("config").cloned().unwrap_or_else(|| json!({}))))
}

fn storage(word: &str) -> Outcome<Storage> {
    Storage::of(word).ok_or_else(|| Refusal::new(404, "PathNotFound", format!("there is no kind of location {word:?}")))
}

impl Palette {
    fn locations_in(&self, scope: Option<&str>) -> Vec<&Location> {
        let mut found: Vec<&Location> =
            self.tenant.locations.values().filter(|location| location.visible(scope)).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    fn location(&self, uid: &str, scope: Option<&str>, storage: Option<Storage>) -> Outcome<&Location> {
        let found = self.tenant.locations.get(uid).filter(|location| location.visible(scope));
        found.filter(|found| storage.is_none_or(|kind| kind == found.storage)).ok_or_else(Refusal::missing)
    }

    /// With its secrets masked.
    pub(super) fn show_location(&self, location: &Location) -> Value {
        let mut config = location.config.clone();
        for place in location.storage.secrets() {
            if !text(&config, place).is_empty() {
                set(&mut config, place, MASK);
            }
        }
        json!({
            "metadata": self.metadata(&location.uid, &location.name, location.created, location.modified),
            "spec": {"config": config, "isDefault": location.is_default, "type": location.storage.word()},
        })
    }

    fn only_default(&mut self, uid: &str) {
        for location in self.tenant.locations.values_mut() {
            location.is_default = location.uid == uid;
        }
    }

    fn remove_location(&mut self, call: &Call<'_>, uid: &str, storage: Option<Storage>) -> Outcome<Answer> {
        self.location(uid, call.scope.as_deref(), storage)?;
        if !self.tenant.uses(uid).is_empty() {
            return Err(Refusal::new(400, "BackupLocationInUse", "The backup location is in use by clusters"));
        }
        self.tenant.locations.remove(uid);
        Ok(Answer::empty(204))
    }
}

/// The definition's `storage` knows no Azure, so an Azure location says something else, or nothing.
pub(super) fn list(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let found = palette.locations_in(call.scope.as_deref());
    let items = found.into_iter().map(|location| {
        let metadata = palette.metadata(&location.uid, &location.name, location.created, location.modified);
        let mut spec = json!({"isDefault": location.is_default, "type": location.storage.word()});
        match (location.storage, palette.options.azure_storage.as_str()) {
            (Storage::Azure, "") => {}
            (Storage::Azure, word) => spec["storage"] = word.into(),
            (other, _) => spec["storage"] = other.word().into(),
        }
        json!({"metadata": metadata, "spec": spec})
    });
    let items: Vec<Value> = items.collect();
    Ok(palette.tell(200, json!({"items": items})))
}

pub(super) fn create(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let storage = storage(call.arg(0))?;
    let (name, is_default, config) = read(storage, &call.body()?)?;
    if palette.locations_in(call.scope.as_deref()).iter().any(|location| location.name == name) {
        let message = format!("Backup location {name:?} already exists");
        return Err(Refusal::new(409, "ResourceAlreadyExists", message));
    }
    let uid = palette.draw("location");
    let location = Location {
        uid: uid.clone(),
        name,
        project: call.scope.clone(),
        storage,
        is_default: false,
        created: palette.now,
        modified: palette.now,
        config,
        trouble: String::new(),
    };
    palette.tenant.locations.insert(uid.clone(), location);
    if is_default {
        palette.only_default(&uid);
    }
    Ok(palette.created(&uid))
}

pub(super) fn get(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let storage = storage(call.arg(0))?;
    let location = palette.location(call.arg(1), call.scope.as_deref(), Some(storage))?;
    Ok(palette.tell(200, palette.show_location(location)))
}

pub(super) fn update(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let storage = storage(call.arg(0))?;
    palette.location(call.arg(1), call.scope.as_deref(), Some(storage))?;
    let (name, is_default, config) = read(storage, &call.body()?)?;
    let now = palette.now;
    if let Some(location) = palette.tenant.locations.get_mut(call.arg(1)) {
        location.name = name;
        location.config = config;
        location.modified = now;
    }
    if is_default {
        palette.only_default(call.arg(1));
    }
    Ok(Answer::empty(204))
}

pub(super) fn delete(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    palette.remove_location(call, call.arg(0), None)
}

pub(super) fn delete_typed(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let storage = storage(call.arg(0))?;
    palette.remove_location(call, call.arg(1), Some(storage))
}

pub(super) fn make_default(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let storage = storage(call.arg(0))?;
    palette.location(call.arg(1), call.scope.as_deref(), Some(storage))?;
    palette.only_default(call.arg(1));
    Ok(Answer::empty(204))
}

/// The clusters that use it.
pub(super) fn users(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    palette.location(call.arg(0), call.scope.as_deref(), None)?;
    let users = palette.tenant.uses(call.arg(0));
    let clusters: Vec<Value> = users.into_iter().map(|cluster| palette.cluster_ref(&cluster.uid)).collect();
    Ok(palette.tell(200, json!({"clusters": clusters})))
}

/// The first text of that name, at any depth.
fn deep<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    match value {
        Value::Object(fields) => {
            let here = fields.get(name).and_then(Value::as_str);
            here.or_else(|| fields.values().find_map(|inner| deep(inner, name)))
        }
        Value::Array(list) => list.iter().find_map(|inner| deep(inner, name)),
        _ => None,
    }
}

/// Tries the credential: a masked one, and one that contains `wrong`, is refused by the store.
fn validate(call: &Call<'_>, needed: &[&str], secret: &str) -> Outcome<Answer> {
    let body = call.body()?;
    Reader::body(&body)?;
    for name in needed {
        if deep(&body, name).is_none_or(str::is_empty) {
            return Err(Refusal::invalid(format!("{name} in body is required")));
        }
    }
    let given = deep(&body, secret).unwrap_or_default();
    if is_mask(given) || given.contains("wrong") {
        return Err(Refusal::new(400, "InvalidCredentials", "The object store refused the credentials"));
    }
    Ok(Answer::empty(204))
}

pub(super) fn validate_s3(_: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    validate(call, &["bucketName", "region"], "secretKey")
}

pub(super) fn validate_gcp(_: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    validate(call, &["bucketName"], "jsonCredentials")
}

pub(super) fn validate_azure(_: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    validate(call, &["tenantId", "clientId", "clientSecret"], "clientSecret")
}
