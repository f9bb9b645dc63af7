//! The requests of a workspace, page by page. Runs are read in one order and put together in another, so a page ends only where
//! everything that is shown is newer than everything that isn't.

use super::{estate::Estate, room::Room};
use crate::{
    console::Console,
    error::ConsoleError,
    store::{PlacedRun, request_key},
};
use model::{
    DefinitionId, Named, RunId,
    capability::SubjectKind,
    request::{Request, RequestRun, requests},
};
use std::collections::{HashMap, HashSet};

/// Requests on a page, at least.
const PAGE: usize = 12;
/// Runs that are read for it first; more when a request has more.
const RUNS: usize = 240;
/// Runs of each definition that are read at most, so that requests which overlap without an end are shown too.
const RUNS_EACH: usize = 4;
/// Runs of one request lie so close together; those at the end of what was read may be a part of theirs.
const TOGETHER_MS: i64 = 10 * 60_000;

impl Console {
    /// A page of requests, newest first, and the key of the next.
    pub(super) async fn requests_of(
        &self,
        room: &Room,
        estate: &Estate,
        older: &str,
    ) -> Result<(Vec<Request>, Option<String>), ConsoleError> {
        let ids: Vec<DefinitionId> = room.members.iter().map(|index| estate.definitions[*index].id().clone()).collect();
        let most = RUNS + RUNS_EACH * ids.len();
        let mut limit = RUNS;
        loop {
            let placed = self.store().runs_among(&ids, older, limit).await?;
            let more = placed.len() >= limit;
            let runs: Vec<RequestRun> = placed.iter().map(|placed| request_run(placed, room, estate)).collect();
            let page = page(requests(&runs), &placed, more);
            if page.whole || limit >= most {
                return Ok((page.shown, page.older));
            }
            limit = (2 * limit).min(most);
        }
    }
}

/// What some runs, newest first, make of a page.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    shown: Vec<Request>,
    /// The key of the next page.
    older: Option<String>,
    /// No run that was not read can belong to one of them.
    whole: bool,
}

fn request_run(placed: &PlacedRun, room: &Room, estate: &Estate) -> RequestRun {
    let row = &placed.row;
    let watched =
        room.members.iter().map(|i| &estate.definitions[*i]).find(|w| Some(w.id()) == row.run.definition.as_ref());
    let sort = watched.and_then(|w| estate.upstreams.iter().find(|u| u.id == w.row.connection)).and_then(|u| u.sort);
    let place: Option<Named> = match sort {
        None => None,
        Some(SubjectKind::Cluster | SubjectKind::App | SubjectKind::Workspace | SubjectKind::Instance) => {
            watched.and_then(|w| w.stored.definition.scope.subject.clone())
        }
    };
    RequestRun {
        run: row.run.clone(),
        definition_name: row.definition_name.clone(),
        connection_name: row.connection_name.clone(),
        place,
    }
}

/// Cuts behind the first whole page; `more`: there are runs that were not read.
fn page(all: Vec<Request>, placed: &[PlacedRun], more: bool) -> Cut {
    let at: HashMap<&RunId, i64> = placed.iter().map(|one| (&one.row.run.id, one.sort_at)).collect();
    let of = |request: &Request| -> Vec<i64> {
        request.parts.iter().filter_map(|part| at.get(&part.run).copied()).collect()
    };
    // So far down requests are certainly whole.
    let floor = match placed.last() {
        Some(last) if more => last.sort_at.saturating_add(TOGETHER_MS),
        _ => i64::MIN,
    };
    let mut end = all.len();
    let mut oldest = i64::MAX;
    for (n, request) in all.iter().enumerate() {
        let newest_behind = all[n..].iter().flat_map(&of).max().unwrap_or(i64::MIN);
        let cut = of(request).iter().any(|moment| *moment <= floor);
        if n > 0 && newest_behind < oldest && (n >= PAGE || cut) {
            end = n;
            break;
        }
        oldest = of(request).into_iter().min().unwrap_or(oldest).min(oldest);
    }
    let shown = &all[..end];
    let whole = shown.iter().flat_map(&of).all(|moment| moment > floor);
    let runs: HashSet<&RunId> = shown.iter().flat_map(|request| request.parts.iter().map(|part| &part.run)).collect();
    let is_last = end == all.len() && !more;
    let last = placed.iter().rfind(|one| runs.contains(&one.row.run.id));
    let key = last.filter(|_| !is_last).map(|one| request_key(one.sort_at, &one.row.run.id));
    Cut { shown: shown.to_vec(), older: key, whole }
}

#[cfg(test)]
mod tests;
