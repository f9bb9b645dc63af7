//! The page of a workspace: where the gap is, what was asked for, what nothing protects.

use super::{
    filled::lived_in,
    h1,
    html::{fact, row, section, states, tags, text},
    seen,
    support::{Stub, signed_in},
};
use model::{
    account::Role,
    judgement::Judgement,
    protection::Protection,
    view::{NowAndNext, WorkspaceView},
    workspace::RuleDraft,
};

/// The estate with a change to its one workspace.
pub fn with(change: impl FnOnce(&mut WorkspaceView)) -> Stub {
    let mut stub = lived_in();
    change(stub.workspace.as_mut().expect("filled"));
    stub
}

#[tokio::test]
async fn the_matrix_shows_where_the_gap_is() {
    let page = seen(lived_in(), "/workspaces/w1").await;
    let cells = |name: &str| -> Vec<String> {
        row(section(&page, "matrix"), name).split("<td").skip(1).map(|cell| text(&format!("<td{cell}"))).collect()
    };
    assert_eq!(
        cells("edge-basel")[..4],
        ["5 h 42 min good", "5 h 42 min good", "Nothing in no definition", "Left out rebuilt from Git"]
    );
    assert_eq!(cells("edge-bern")[1..4], ["None yet it has not run", "Not there", "Not there"]);
    assert_eq!(cells("edge-geneva")[0], "53 h 42 min failed since, 29 h 42 min over");
    assert_eq!(cells("edge-lugano")[..2], ["29 h as last seen", "Unknown its system is silent"]);
    let tones =
        |name: &str| states(row(section(&page, "matrix"), name)).into_iter().map(|(tone, _)| tone).collect::<Vec<_>>();
    assert_eq!(tones("edge-basel"), ["good", "good", "bad"]);
    assert_eq!(tones("edge-geneva"), ["bad", "bad", "bad"]);
    assert_eq!(tones("edge-lugano"), ["mute", "mute"]);
    // As cards each cell names its column again.
    assert!(row(section(&page, "matrix"), "edge-bern").contains("data-th=\"shop-db\""));
    assert!(section(&page, "matrix").contains("aria-label=\"edge-lugano, last 30 days: "));
    assert_eq!(fact(&page, "Clusters good"), "0 of 4");
    assert_eq!(fact(&page, "Namespaces covered"), "2 of 3 2 things in no definition");
    assert_eq!(fact(&page, "Newest good point, worst part"), "53 h RPO 24 h · 29 h over");
    assert_eq!(fact(&page, "System"), "Palette palette-retail");
}

#[tokio::test]
async fn many_namespaces_scroll_in_a_group_that_the_keyboard_reaches() {
    let group = |page: &str| tags(section(page, "matrix")).into_iter().find(|t| t.get("role") == Some("group"));
    assert!(group(&seen(lived_in(), "/workspaces/w1").await).is_none());
    let page = seen(
        with(|view| {
            view.matrix.columns = (0..12).map(|i| format!("ns-{i}")).collect();
            for row in &mut view.matrix.rows {
                row.cells = (0..12).map(|_| model::view::MatrixCell::NotThere).collect();
            }
        }),
        "/workspaces/w1",
    )
    .await;
    let group = group(&page).expect("a group");
    assert_eq!(group.get("tabindex"), Some("0"));
    assert!(group.get("aria-label").is_some_and(|label| !label.is_empty()));
}

/// The `<details>` of a request.
fn request<'a>(page: &'a str, key: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!(" id=\"q-{key}\"")).expect(key);
    rest.split("</details>").next().unwrap_or_default()
}

#[tokio::test]
async fn a_request_tells_what_became_of_each_cluster() {
    let page = seen(lived_in(), "/workspaces/w1").await;
    let first = request(&page, "q1");
    let read = text(first);
    for said in [
        "Today 03:41 scheduled Partial 2 of 4 good",
        "Palette calls this request “Completed”. 2 parts of it are not good, so it counts as partial here.",
        "Message from Palette",
        "BackupStorageLocation eu-s3-retail is <unavailable>.",
        "Skipped Palette leaves out clusters that are not healthy.",
        "shop, shop-db",
    ] {
        assert!(read.contains(said), "“{said}” in {read}");
    }
    assert!(!first.contains("<unavailable>"), "what an upstream says is no markup");
    assert!(first.contains("href=\"/runs/r-edge-geneva\"") && first.contains("/recovery-points?definition=d1"));
    let opened: Vec<_> = tags(section(&page, "requests"))
        .into_iter()
        .filter(|t| t.name == "details" && t.has("open"))
        .filter_map(|t| t.get("id").map(str::to_owned))
        .collect();
    assert_eq!(opened, ["q-q1"], "only the newest, because something is wrong with it");
    assert!(
        text(request(&page, "q2")).contains("edge-geneva: BackupStorageLocation"),
        "{}",
        text(request(&page, "q2"))
    );
    assert!(text(request(&page, "q3")).contains("Succeeded 2 of 2 good"));
    assert_eq!(states(request(&page, "q4"))[0], ("mute".into(), "Unknown Finishing".into()));
    let odd = text(request(&page, "q4"));
    assert!(
        odd.contains("on demand by retail-ops") && odd.contains("It counts neither as good nor as failed."),
        "{odd}"
    );
    assert!(!states(request(&page, "q4")).iter().any(|(tone, _)| tone == "good"));
    // A good newest request stays shut.
    let page = seen(with(|view| drop(view.requests.drain(..2))), "/workspaces/w1").await;
    assert!(!section(&page, "requests").contains(" open"), "nothing is wrong with the newest");
}

#[tokio::test]
async fn requests_have_pages() {
    let page = seen(lived_in(), "/workspaces/w1").await;
    assert!(page.contains("href=\"/workspaces/w1?older=65cc01#requests\"") && !text(&page).contains("Newest requests"));
    let page = seen(with(|view| view.older = None), "/workspaces/w1?older=65cc01").await;
    assert!(text(section(&page, "requests")).contains("Newest requests"));
    assert!(!text(section(&page, "requests")).contains("Older requests"));
    assert!(!section(&page, "requests").contains(" open"), "the newest is on another page");
    let page = seen(with(|view| view.requests.clear()), "/workspaces/w1").await;
    assert!(text(section(&page, "requests")).contains("Nothing was asked for yet."));
}

#[tokio::test]
async fn what_nothing_protects_is_named_with_its_places() {
    let page = seen(lived_in(), "/workspaces/w1").await;
    let gaps = text(section(&page, "uncovered"));
    assert!(gaps.contains("loyalty on edge-basel and edge-geneva appeared 15 d ago"), "{gaps}");
    assert!(gaps.contains("as listed 4 min ago"), "{gaps}");
    assert!(section(&page, "uncovered").contains("href=\"/definitions/new?connection=c1\""));
    let out = text(section(&page, "left-out"));
    assert!(out.contains("shop-preview*, 6 things by retail-ops: “rebuilt from Git, no state”"), "{out}");
    // Nothing found and nothing looked at are not the same.
    let page = seen(with(|view| view.uncovered.clear()), "/workspaces/w1").await;
    assert!(text(section(&page, "uncovered")).contains("Nothing: all that belongs to it is in a definition"));
    let unread = with(|view| {
        view.uncovered.clear();
        view.places_at = None;
    });
    let page = seen(unread, "/workspaces/w1").await;
    assert!(text(section(&page, "uncovered")).contains("has not been listed yet, so nobody can say"));
    // A long list says how long it is.
    let many = with(|view| {
        let one = view.uncovered.remove(0);
        view.uncovered =
            (0..40).map(|i| model::judgement::Uncovered { name: format!("n{i}"), ..one.clone() }).collect();
    });
    let page = seen(many, "/workspaces/w1").await;
    assert!(text(section(&page, "uncovered")).contains("28 more"));
}

#[tokio::test]
async fn what_its_system_keeps_is_not_deleted_here() {
    let page = seen(lived_in(), "/workspaces/w1").await;
    assert!(page.contains("href=\"/workspaces/w1/edit\"") && !page.contains("data-act=\"delete-workspace\""));
    let page = seen(with(|view| view.upstream = None), "/workspaces/w1").await;
    let button = tags(&page).into_iter().find(|t| t.get("data-act") == Some("delete-workspace")).expect("the answer");
    assert_eq!((button.get("data-id"), button.get("data-then")), (Some("w1"), Some("/")));
    assert!(text(&page).contains("Definitions, runs and recovery points stay as they are"));
    assert_eq!(fact(&page, "System"), "Palette · 4 clusters");
    assert_eq!(fact(&page, "Parts good"), "0 of 4");
    let (_, page) = super::page(with(|view| view.upstream = None), signed_in(Role::Viewer), "/workspaces/w1").await;
    assert!(!page.contains("delete-workspace") && !page.contains("/workspaces/w1/edit"));
}

#[tokio::test]
async fn few_reasons_are_the_lead_and_many_a_list() {
    let page = seen(lived_in(), "/workspaces/w1").await;
    let read = text(&page);
    assert!(read.contains("failed twice since the last good point. loyalty: in no definition at all."), "{read}");
    assert!(!page.contains(" id=\"reasons\""));
    let page = seen(
        with(|view| {
            let reasons = &mut view.row.judgement.reasons;
            reasons.push(reasons[1].clone());
        }),
        "/workspaces/w1",
    )
    .await;
    let list = section(&page, "reasons");
    assert!(
        text(list).contains("At risk: edge-geneva failed twice since the last good point for 29 h"),
        "{}",
        text(list)
    );
    assert!(list.contains("href=\"/definitions/d1\""), "the way to what it is about");
    assert_eq!(list.matches("<li").count(), 3);
    assert!(!text(&page).contains("good point. loyalty"), "the lead does not repeat the list");
}

#[tokio::test]
async fn the_rules_of_ours_stand_in_words() {
    let page = seen(lived_in(), "/workspaces/w1").await;
    assert!(!page.contains(" id=\"rules\""), "Palette says what belongs to its own");
    let rule = |connection: &str, namespaces: &str| RuleDraft {
        connection: connection.into(),
        namespaces: namespaces.into(),
        ..RuleDraft::default()
    };
    let ours = with(|view| {
        view.upstream = None;
        view.draft.rules = vec![rule("c1", "shop, shop-*"), rule("", "mail"), rule("c-gone", "")];
    });
    let (status, page) = super::page(ours, signed_in(Role::Viewer), "/workspaces/w1").await;
    assert_eq!(status, 200);
    let read = text(section(&page, "rules"));
    for said in [
        "namespaces shop, shop-* on velero-zrh",
        "namespaces mail on any connection",
        "everything on a connection that was removed rule 3 takes in nothing: its connection was removed",
    ] {
        assert!(read.contains(said), "“{said}” in {read}");
    }
}

#[tokio::test]
async fn an_empty_workspace_is_unknown_and_says_so() {
    let bare = with(|view| {
        view.row.judgement = Judgement {
            protection: Protection::Unknown,
            reasons: vec![model::judgement::Reason {
                protection: Protection::Unknown,
                subject: String::new(),
                definition: None,
                sentence: "nothing belongs to it".into(),
                since: None,
            }],
            newest_good: None,
            over: None,
            as_of: None,
        };
        view.row.now = NowAndNext::Nothing("nothing belongs to it".into());
        view.row.days.clear();
        view.matrix = model::view::Matrix::default();
        view.requests.clear();
        view.definitions.clear();
        view.uncovered.clear();
        view.left_out.clear();
        view.older = None;
        view.places_at = None;
    });
    let page = seen(bare, "/workspaces/w1").await;
    assert_eq!(h1(&page), "storefront Unknown");
    let read = text(&page);
    assert!(read.contains("Nothing belongs to it."), "{read}");
    assert!(read.contains("None: nothing of this workspace is in a definition."), "{read}");
    assert!(!page.contains("data-tone=\"good\" data-th") && !page.contains("<table"), "nothing is claimed");
    assert_eq!(fact(&page, "Newest good point, worst part"), "None RPO 24 h");
}

#[tokio::test]
async fn a_silent_workspace_is_shown_as_it_was() {
    let page = seen(super::filled::gone_silent(), "/workspaces/w1").await;
    assert_eq!(h1(&page), "storefront Unknown");
    let read = text(&page);
    assert!(read.contains("Nothing behind it answers. It is shown as it was 10 min ago"), "{read}");
    assert!(fact(&page, "Newest good point, worst part").contains("as of today 08:31"));
    assert_eq!(states(section(&page, "definitions"))[0].1, "Silent");
}
