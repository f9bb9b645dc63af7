//! What is there of a definition: its documents, found by tag or by name.

use super::super::{
    client::Client,
    observe::seen,
    translate::{
        Wanted,
        normal::{self, Part, Refs},
    },
    wire::{DEFINITION, Doc, Store},
};
use crate::provider::{DeclaredSeen, ErrorKind, Owned, ProviderError};
use model::Invalid;
use serde_json::{Value, json};

/// The documents of one definition.
#[derive(Clone, Debug, Default)]
pub struct Live {
    docs: [Option<Doc>; 3],
    /// Of the definition's name, and not its own.
    foreign: [bool; 3],
    pub refs: Refs,
}

fn at(part: Part) -> usize {
    match part {
        Part::Policy => 0,
        Part::Backup => 1,
        Part::Offload => 2,
    }
}

impl Live {
    /// Reads all three.
    pub async fn read(client: &Client, owned: &Owned, store: Option<&Store>) -> Result<Self, ProviderError> {
        let filter = json!({"$or": [
            {"name": owned.upstream_name}, {format!("tags.{DEFINITION}"): owned.id.as_str()},
        ]});
        let find = async |part: Part| {
            client.docs(&format!("read the {}", part.key()), part.collection(), filter.clone()).await
        };
        let (policies, backups, offloads) =
            tokio::try_join!(find(Part::Policy), find(Part::Backup), find(Part::Offload))?;
        let mut live = Self { refs: Refs::of(owned), ..Self::default() };
        if let Some(store) = store {
            live.refs.names.insert(store.id.clone(), store.name.clone());
        }
        for (part, found) in [(Part::Policy, policies), (Part::Backup, backups), (Part::Offload, offloads)] {
            let (own, others): (Vec<Doc>, Vec<Doc>) =
                found.into_iter().partition(|doc| doc.tag(DEFINITION) == owned.id.as_str());
            live.foreign[at(part)] = others.iter().any(|doc| doc.name() == owned.upstream_name);
            // A copy that somebody made of it carries the tag too, under another name.
            let best = own.iter().position(|doc| doc.name() == owned.upstream_name).unwrap_or(0);
            live.set(part, own.into_iter().nth(best));
        }
        Ok(live)
    }

    pub fn part(&self, part: Part) -> Option<&Doc> {
        self.docs[at(part)].as_ref()
    }

    pub fn docs(&self) -> impl Iterator<Item = (Part, &Doc)> {
        Part::ALL.into_iter().filter_map(|part| Some((part, self.part(part)?)))
    }

    pub fn set(&mut self, part: Part, doc: Option<Doc>) {
        self.refs.own.retain(|_, own| *own != part);
        if let Some(doc) = &doc {
            self.refs.own.insert(doc.id().to_owned(), part);
        }
        self.docs[at(part)] = doc;
    }

    /// In normal form, by part.
    pub fn composite(&self) -> Value {
        Value::Object(normal::composite(self.docs(), &self.refs))
    }

    /// As the observer would tell it.
    pub fn declared(&self) -> Option<DeclaredSeen> {
        seen::declared(self.docs(), &self.refs)
    }

    /// A body with ids where the marks of own documents stand.
    pub fn filled(&self, wanted: &Value) -> Value {
        let id = |mark: &str| {
            let part = Part::ALL.into_iter().find(|part| part.mark() == mark)?;
            self.part(part).map(Doc::id)
        };
        let mut body = wanted.clone();
        for field in ["policy", "copydef", "backupdef"] {
            if let Some(id) = body[field].as_str().and_then(id) {
                body[field] = json!(id);
            }
        }
        body
    }

    /// Learns what the policy and the object store are called that somebody else chose.
    pub async fn learn(&mut self, client: &Client) -> Result<(), ProviderError> {
        let mut wanted = Vec::new();
        for (_, doc) in self.docs() {
            for (field, collection) in
                [("policy", "policies"), ("cluster", "kubeclusters"), ("copydef", "kubeoffloads")]
            {
                wanted.push((collection, doc.reference(field).to_owned()));
            }
            let store = super::super::wire::reference(&doc.0["offload_provider"]["user_objectstore"]);
            wanted.push(("objectstores", store.to_owned()));
        }
        for (collection, id) in wanted {
            let known = id.is_empty() || self.refs.own.contains_key(&id) || self.refs.names.contains_key(&id);
            if !known && let Some(doc) = client.there("read what it refers to", collection, &id).await? {
                self.refs.names.insert(id, doc.name().to_owned());
            }
        }
        Ok(())
    }

    /// Refuses when a name that is needed belongs to somebody else's document.
    pub fn refuse_taken(&self, owned: &Owned, wanted: &Wanted) -> Result<(), ProviderError> {
        match self.taken(owned, wanted) {
            Some(sentence) => {
                let remedy =
                    format!("Delete or rename it, or, if it belongs here, give it the tag {DEFINITION}: {}.", owned.id);
                let mut error = ProviderError::new(ErrorKind::Conflict, super::OPERATION, &sentence).remedy(remedy);
                error.fields = Invalid::one("name", "taken", sentence);
                Err(error)
            }
            None => Ok(()),
        }
    }

    /// Whose document has the name, in a sentence.
    pub fn taken(&self, owned: &Owned, wanted: &Wanted) -> Option<String> {
        let part = Part::ALL
            .into_iter()
            .find(|part| self.foreign[at(*part)] && self.part(*part).is_none() && wanted.part(*part).is_some())?;
        let (name, key) = (&owned.upstream_name, part.key());
        Some(format!(
            "The name {name} is taken in CloudCasa by a {key} that this definition did not make; it was left alone."
        ))
    }

    /// Refuses to take a definition to another cluster: CloudCasa can't.
    pub fn refuse_moved(&self, owned: &Owned) -> Result<(), ProviderError> {
        match self.moved(owned) {
            Some(sentence) => {
                let fields = Invalid::one("scope.subject", "fixed", sentence);
                Err(super::refused(sentence, fields))
            }
            None => Ok(()),
        }
    }

    pub fn moved(&self, owned: &Owned) -> Option<&'static str> {
        let cluster = self.part(Part::Backup)?.reference("cluster");
        let wanted = owned.definition.scope.subject.as_ref()?;
        (!cluster.is_empty() && cluster != wanted.id).then_some(
            "CloudCasa can't take a definition to another cluster; make a new one there, and delete this one.",
        )
    }
}
