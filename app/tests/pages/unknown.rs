//! Words that this version does not know, and numbers that nobody told.

use super::{
    filled::{going, lived_in, mute_run, restore, row as definition_row, run_view},
    h1,
    html::{fact, row, section, states, text},
    seen,
};
use model::{Phase, view::LastRun};

#[tokio::test]
async fn an_unknown_state_keeps_its_raw_word_and_no_colour() {
    for (path, name, raw) in [
        ("/runs", "shop-nightly-r9", "Calibrating"),
        ("/definitions/d1", "shop-nightly-r9", "Calibrating"),
        ("/recovery-points", "foreign-1", "Sublimating"),
        ("/connections/c1", "odd-minio", "Warming"),
    ] {
        let page = seen(lived_in(), path).await;
        let one = row(&page, name);
        let (tone, words) = states(one).remove(0);
        assert_eq!(tone, "mute", "{path}: {words}");
        assert_eq!(words, format!("Unknown {raw}"), "{path}");
        assert!(one.contains(&format!("<code class=\"raw\">{raw}</code>")), "{path}: {one}");
    }
}

#[tokio::test]
async fn an_unknown_run_is_no_success() {
    let mut stub = lived_in();
    stub.run = Some(run_view(mute_run()));
    let page = seen(stub, "/runs/r9").await;
    assert_eq!(h1(&page), "shop-nightly-r9 Unknown Calibrating");
    let read = text(&page);
    assert!(read.contains("velero-zrh says “Calibrating”, which this version of Holdfast does not know"), "{read}");
    assert_eq!(fact(&page, "State upstream"), "Calibrating");

    let mut stub = lived_in();
    stub.restored = Some(restore(Phase::Unknown("Calibrating".into()), "Calibrating"));
    let page = seen(stub, "/restores/s1").await;
    assert_eq!(h1(&page), "Restore of shop-nightly-1 Unknown Calibrating");

    let mut odd = definition_row();
    odd.last_run =
        Some(LastRun { id: "r9".into(), phase: mute_run().phase, picked_up: true, at: None, progress: None });
    let mut stub = lived_in();
    stub.home.workspaces.clear();
    stub.definitions.page.rows = vec![odd];
    let page = seen(stub, "/").await;
    let (tone, word) = states(row(section(&page, "definitions"), "shop-nightly")).remove(0);
    assert_eq!((tone.as_str(), word.as_str()), ("warn", "At risk"), "nobody can say that its newest run was good");
}

#[tokio::test]
async fn what_is_not_told_is_not_nought() {
    let page = seen(lived_in(), "/runs").await;
    let read = text(row(&page, "shop-nightly-r9"));
    assert_eq!(read.matches("not told").count(), 3, "began, took, errors and warnings: {read}");
    assert!(!read.contains('0'), "{read}");
    let known = text(row(&page, "shop-nightly-r1"));
    assert!(known.contains("0, 2"), "a nought that was told is one: {known}");

    let page = seen(lived_in(), "/recovery-points").await;
    let read = text(row(&page, "foreign-1"));
    assert_eq!(read.matches("not told").count(), 4, "taken, expires, namespaces, location: {read}");
    assert!(read.contains("deletion asked by ines was refused: the location is read-only"), "{read}");

    let mut stub = lived_in();
    stub.run = Some(run_view(mute_run()));
    let page = seen(stub, "/runs/r9").await;
    assert_eq!(fact(&page, "Took"), "not told");
    assert_eq!(fact(&page, "Errors, warnings"), "not told");
    assert_eq!(fact(&page, "Began"), "not told");
    assert!(!page.contains("<dt>Objects</dt>") && !page.contains("<dt>Data</dt>"));

    let mut stub = lived_in();
    let told = stub.connections.first_mut().expect("one");
    (told.version, told.platform, told.latency_ms, told.last_seen) = (None, None, None, None);
    let page = seen(stub, "/connections/c1").await;
    for (label, word) in
        [("Version", "not told"), ("Platform", "not told"), ("Latency", "not measured"), ("Last heard", "never")]
    {
        assert_eq!(fact(&page, label), word);
    }
}

#[tokio::test]
async fn a_run_under_way_says_how_far_and_never_more() {
    let mut stub = lived_in();
    stub.run = Some(run_view(going()));
    let page = seen(stub, "/runs/r2").await;
    assert!(h1(&page).ends_with("Running, 25 %"), "{}", h1(&page));
    assert_eq!(fact(&page, "Recovery point"), "Not yet");
    assert_eq!(fact(&page, "Ended"), "not yet");
    let read = text(&page);
    assert!(section(&page, "run-head").contains("aria-label=\"Progress of the run\""), "a bar beside the number");
    assert!(read.contains("Velero cannot cancel a backup."), "why it can't be stopped");
    assert!(read.contains("Opens when the run ends."), "why nothing can be restored from it");
    let volume = row(&page, "shop-db/data-0");
    assert!(text(volume).contains("not told") && text(volume).contains("Unknown Defrosting"), "{}", text(volume));
    assert!(!volume.contains(" value=\""), "no progress is claimed");
    // Without a total there is no percentage.
    let mut stub = lived_in();
    let mut run = going();
    run.detail.items = Some(model::run::Progress { done: 50, total: None });
    stub.run = Some(run_view(run));
    let page = seen(stub, "/runs/r2").await;
    assert!(h1(&page).ends_with(" Running") && fact(&page, "Objects") == "50 so far", "{}", h1(&page));
}
