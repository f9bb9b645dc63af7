#![expect(clippy::unwrap_used, reason = "a test may stop")]

use super::*;
use model::{
    Millis, Phase,
    run::{Run, RunDetail, Trigger},
    view::RunRow,
};

const MINUTE: i64 = 60_000;

fn placed(id: &str, definition: &str, at: i64) -> PlacedRun {
    PlacedRun {
        sort_at: at,
        row: RunRow {
            run: Run {
                id: id.into(),
                connection: "c1".into(),
                definition: Some(definition.into()),
                name: id.into(),
                phase: Phase::Succeeded,
                raw_phase: "Completed".into(),
                trigger: Trigger::Schedule,
                created: Some(Millis(at)),
                started: Some(Millis(at)),
                ended: Some(Millis(at)),
                detail: RunDetail::default(),
                observed: Millis(at),
                gone: false,
            },
            definition_name: None,
            connection_name: "zrh".into(),
            silent: false,
        },
    }
}

fn asked(placed: &[PlacedRun]) -> Vec<Request> {
    let run = |placed: &PlacedRun| RequestRun {
        run: placed.row.run.clone(),
        definition_name: None,
        connection_name: "zrh".into(),
        place: None,
    };
    requests(&placed.iter().map(run).collect::<Vec<_>>())
}

/// Three definitions that run together every hour, newest first.
fn history(hours: i64) -> Vec<PlacedRun> {
    let runs = |hour: i64| {
        (0..3).rev().map(move |n| placed(&format!("{hour:03}-{n}"), &format!("d{n}"), hour * 60 * MINUTE + n * MINUTE))
    };
    (0..hours).rev().flat_map(runs).collect()
}

/// Reads page after page as the console does, `limit` runs at first.
fn pages(all: &[PlacedRun], limit: usize) -> Vec<Vec<Request>> {
    let (mut rest, mut out) = (all, Vec::new());
    loop {
        let mut limit = limit;
        let (shown, key) = loop {
            let read = &rest[..rest.len().min(limit)];
            let page = page(asked(read), read, read.len() >= limit);
            if page.whole {
                break (page.shown, page.older);
            }
            limit *= 2;
        };
        let oldest = shown.iter().flat_map(|request| request.parts.iter().map(|part| part.run.clone()));
        let ids: HashSet<RunId> = oldest.collect();
        out.push(shown);
        if key.is_none() {
            return out;
        }
        let last = rest.iter().rposition(|one| ids.contains(&one.row.run.id)).unwrap();
        rest = &rest[last + 1..];
        assert!(out.len() < 100, "it never ends");
    }
}

#[test]
fn every_request_is_shown_once_and_whole() {
    let all = history(50);
    for limit in [40, 41, 60, 240] {
        let pages = pages(&all, limit);
        let shown: Vec<&Request> = pages.iter().flatten().collect();
        assert_eq!(shown.len(), 50, "{limit}");
        assert!(shown.iter().all(|request| request.parts.len() == 3), "{limit}");
        assert!(shown.windows(2).all(|two| two[0].at > two[1].at), "{limit}");
        assert!(pages.len() > 1, "{limit}");
    }
}

#[test]
fn one_that_is_larger_than_what_is_read_is_not_split() {
    let night = |day: i64| {
        (0..30).rev().map(move |n| placed(&format!("{day}-{n:02}"), &format!("d{n}"), day * 1440 * MINUTE + n))
    };
    let all: Vec<PlacedRun> = (0..4).rev().flat_map(night).collect();
    for limit in [12, 30, 31, 45] {
        let torn = page(asked(&all[..12]), &all[..12], true);
        assert!(!torn.whole && torn.shown[0].parts.len() < 30);
        let sizes: Vec<usize> = pages(&all, limit).iter().flatten().map(|request| request.parts.len()).collect();
        assert_eq!(sizes, [30; 4], "{limit}");
    }
}

#[test]
fn a_page_ends_where_nothing_is_between() {
    // A run by hand lies between the runs of a schedule's request.
    let mut all = history(14);
    let between = all.iter().position(|one| one.row.run.id.as_str() == "002-1").unwrap();
    let mut by_hand = placed("by-hand", "d9", 2 * 60 * MINUTE + MINUTE + 1);
    by_hand.row.run.trigger = Trigger::Person("ada".into());
    all.insert(between, by_hand);
    let pages = pages(&all, 240);
    let total: usize = pages.iter().flatten().map(|request| request.parts.len()).sum();
    assert_eq!((pages.iter().flatten().count(), total), (15, 43));
}

#[test]
fn the_last_page_has_no_next() {
    let all = history(5);
    let cut = page(asked(&all), &all, false);
    assert_eq!((cut.shown.len(), cut.older, cut.whole), (5, None, true));
    assert_eq!(page(Vec::new(), &[], false), Cut { shown: vec![], older: None, whole: true });
}
