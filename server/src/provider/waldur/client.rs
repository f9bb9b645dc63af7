//! Calls: lists page by page, single objects, and how Waldur explains a refusal.

mod explain;

use super::{
    generation::{Generation, Resource},
    wire,
};
use crate::provider::{
    Endpoint, ErrorKind, ProviderError,
    rest::{
        Call, Dialect, Reply, Rest,
        budget::{Budget, too_long},
    },
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashSet;

/// Rows that are asked for at once: the newest code's own limit. A larger wish is cut, not refused.
const PAGE: usize = 300;
/// No list is longer than this many pages.
const PAGES: usize = 1_000;
/// A list that changes while it is read is read again so often.
const TRIES: usize = 4;

/// What to do about a credential that Waldur itself refuses, in its own words. A 401 in another form has another remedy: it does
/// not come from a Waldur.
pub const NEW_TOKEN: &str =
    "Give the API token of the account; tokens have a lifetime, which the account's settings say.";

const DIALECT: Dialect = Dialect {
    system: "Waldur",
    explain: explain::explain,
    accept: "application/json",
    unauthorised: "Check the address, and the token that the account has there.",
    forbidden: "Give the account a role in the instance's project that may change its resources.",
};

/// One Waldur.
#[derive(Clone, Debug)]
pub struct Api {
    pub rest: Rest,
}

impl Api {
    /// Makes no call yet.
    pub fn new(endpoint: &Endpoint) -> Result<Self, ProviderError> {
        let token = format!("Token {}", endpoint.secret.token);
        Ok(Self { rest: Rest::new(endpoint, DIALECT, &[("authorization", token)], None)? })
    }

    /// Every row of a list. Pages are asked for by their number: the links between them may lead to another host.
    pub async fn list<T: DeserializeOwned>(
        &self,
        operation: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, ProviderError> {
        for _ in 0..TRIES {
            if let Some(rows) = self.list_once(operation, path, query).await? {
                return Ok(wire::rows(operation, rows));
            }
        }
        Err(ProviderError::new(ErrorKind::Garbled, operation, "The list changed each time while it was read.")
            .remedy("It is tried again."))
    }

    /// `None` when the list changed between two of its pages, so that a row may have slipped from one to the other.
    async fn list_once(
        &self,
        operation: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<Vec<Value>>, ProviderError> {
        let (mut rows, mut ids): (Vec<Value>, HashSet<String>) = (Vec::new(), HashSet::new());
        let (mut total, mut budget) = (None, Budget::of_a_list());
        for page in 1.. {
            if page > PAGES {
                return Err(too_long(operation));
            }
            let mut call = Call::get(path).query("page_size", PAGE.to_string()).query("page", page.to_string());
            for (name, value) in query {
                call = call.query(name, *value);
            }
            let reply = match self.rest.send(operation, call).await {
                Ok(reply) => reply,
                // Beyond the end: rows went meanwhile, or the server tells neither number nor links.
                Err(error) if error.kind == ErrorKind::NotFound && page > 1 => break,
                Err(error) => return Err(error),
            };
            let part: Vec<Value> = self.rest.read(operation, &reply)?;
            budget.take(operation, reply.body.len(), part.len())?;
            let count: Option<usize> = reply.header("x-result-count").trim().parse().ok();
            if page > 1 && count != total {
                return Ok(None);
            }
            total = count;
            let empty = part.is_empty();
            for row in part {
                let id = wire::id_of(&row);
                if !id.is_empty() && !ids.insert(id) {
                    return Ok(None);
                }
                rows.push(row);
            }
            if empty || total.is_some_and(|all| rows.len() >= all) || (total.is_none() && is_last(&reply)) {
                break;
            }
        }
        Ok(total.is_none_or(|all| rows.len() == all).then_some(rows))
    }

    /// One object; `None` where it is not there, or not for this account.
    pub async fn get<T: DeserializeOwned>(
        &self,
        operation: &str,
        generation: Generation,
        resource: Resource,
        uuid: &str,
    ) -> Result<Option<T>, ProviderError> {
        match self.rest.json(operation, Call::get(generation.item(resource, uuid))).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Turns a switch. 409 says that it stands so already; the sentences beside it differ in each generation, the status doesn't.
    pub async fn switch(&self, operation: &str, path: String) -> Result<(), ProviderError> {
        match self.rest.send(operation, Call::post(path, Value::Object(serde_json::Map::new()))).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == ErrorKind::Conflict => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// By the links, where the server tells no number. One without links ends at its first empty page.
fn is_last(reply: &Reply) -> bool {
    let links = reply.header("link");
    !links.is_empty() && !links.contains("rel=\"next\"")
}
