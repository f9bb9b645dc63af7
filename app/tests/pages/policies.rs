//! The library, a policy and its form: what is in force, what is on the way, what can't be.

use super::{
    filled::lived_in,
    h1,
    html::{fact, row, section, states, tags, text},
    seen,
    support::{Stub, page, signed_in},
};
use model::{account::Role, policy::Follows, view::PolicyList};

#[tokio::test]
async fn the_library_says_how_often_how_long_and_how_far() {
    let page = seen(lived_in(), "/policies").await;
    assert_eq!(h1(&page), "Policies");
    let gold = row(&page, "Gold");
    let read = text(gold);
    for words in ["every day, Sundays", "newest 14 within 14 d, 8 w", "26 h", "4 definitions"] {
        assert!(read.contains(words), "{words}: {read}");
    }
    assert!(read.contains("Velero and Astra Control") && read.contains("in force in 1 of 4, 1 on the way"), "{read}");
    assert_eq!(states(gold), [("bad".into(), "2 failed".into())]);
    assert!(gold.contains("href=\"/policies/p1\""));
    let archive = text(row(&page, "Archive"));
    assert!(archive.contains("nothing yet") && archive.contains("each workspace’s own"), "{archive}");
    let upstream = section(&page, "upstream");
    let read = text(upstream);
    assert!(
        read.contains("casa-ber") && read.contains("Every day at 01:00") && read.contains("2 definitions there"),
        "{read}"
    );
    assert!(states(&page).iter().all(|(tone, _)| tone != "good"), "a schedule is no backup");
}

#[tokio::test]
async fn an_empty_library_says_what_it_is_for() {
    let page = seen(Stub::default(), "/policies").await;
    let read = text(&page);
    assert!(read.contains("No policy yet") && read.contains("about a minute"), "{read}");
    let ways = tags(&page).iter().filter(|t| t.get("href") == Some("/policies/new")).count();
    assert_eq!(ways, 1, "one way on");
    // What the systems keep is listed all the same.
    let mut stub = lived_in();
    stub.policies = PolicyList { rows: Vec::new(), ..stub.policies };
    let page = seen(stub, "/policies").await;
    assert!(text(&page).contains("No policy yet") && text(&page).contains("casa-daily"));
}

#[tokio::test]
async fn a_policy_reads_without_scripts() {
    let page = seen(lived_in(), "/policies/p1").await;
    let read = text(&page);
    for words in [
        "Version 4, changed by ines",
        "Every day at 02:30",
        "14 days, at most the newest 14",
        "Europe/Zurich",
        "26 h",
        "every day at 02:30, ttl 336h",
        "the number 14 is not sent",
        "Waldur cannot keep tiers",
    ] {
        assert!(read.contains(words), "{words}: {read}");
    }
    // What is told stands outside of the form, which can't be used before the code runs.
    let outside =
        page.split("<form").map(|part| part.split_once("</form>").map_or(part, |(_, rest)| rest)).collect::<String>();
    assert!(outside.contains("the number 14 is not sent") && outside.contains("def-d3"));
    assert!(section(&page, "effects").contains("Waldur G2"));
}

#[tokio::test]
async fn each_follower_says_how_far_it_is_trouble_first() {
    let page = seen(lived_in(), "/policies/p1").await;
    let used = section(&page, "used-by");
    let order: Vec<usize> = ["def-d3", "def-d4", "def-d2", "def-d1"].map(|name| used.find(name).expect(name)).into();
    assert!(order.is_sorted(), "{order:?}");
    for (name, tone, word, why) in [
        ("def-d1", "mute", "In force", "version 4"),
        ("def-d2", "live", "On the way", "version 3"),
        ("def-d3", "bad", "Cannot take it over", "Astra cannot keep by age; it keeps a number."),
        ("def-d4", "bad", "Failed to apply", "the API server refused it (403)."),
    ] {
        let one = row(used, name);
        assert_eq!(states(one), [(tone.to_owned(), word.to_owned())], "{name}");
        assert!(text(one).contains(why) && text(one).contains("1,034"), "{name}: {}", text(one));
    }
}

#[tokio::test]
async fn what_is_followed_can_not_be_deleted() {
    let page = seen(lived_in(), "/policies/p1").await;
    assert!(text(&page).contains("4 definitions follow it; let them have rhythms of their own"));
    assert!(!page.contains("data-act=\"delete-policy\""));
    let mut stub = lived_in();
    let view = stub.policy.as_mut().expect("a policy");
    view.used_by.clear();
    (view.row.used_by, view.row.rollout) = (0, Default::default());
    let page = seen(stub, "/policies/p1").await;
    let act = tags(&page).into_iter().find(|t| t.get("data-act") == Some("delete-policy")).expect("the button");
    assert_eq!((act.get("data-id"), act.get("data-then")), (Some("p1"), Some("/policies")));
    let read = text(&page);
    assert!(read.contains("Delete Gold?") && read.contains("Nothing follows it yet."), "{read}");
}

#[tokio::test]
async fn a_viewer_reads_and_changes_nothing() {
    let (status, read) = page(lived_in(), signed_in(Role::Viewer), "/policies/p1").await;
    assert_eq!(status, 200);
    assert!(!read.contains("data-component=\"PolicyForm") && !read.contains("data-act=\"delete-policy\""));
    assert!(text(&read).contains("the number 14 is not sent") && text(&read).contains("def-d3"));
    let (status, refused) = page(lived_in(), signed_in(Role::Viewer), "/policies/new").await;
    assert_eq!(status, 403);
    assert!(!refused.contains("PolicyForm"));
}

#[tokio::test]
async fn the_form_shows_what_is_saved() {
    let page = seen(lived_in(), "/policies/p1").await;
    let all = tags(&page);
    let value = |id: &str| {
        let tag = all.iter().find(|t| t.get("id") == Some(id)).unwrap_or_else(|| panic!("no {id}"));
        tag.get("value").unwrap_or_default().to_owned()
    };
    assert_eq!((value("name"), value("zone"), value("rpo")), ("Gold".into(), "Europe/Zurich".into(), "26".into()));
    assert_eq!((value("tier0-keep_for"), value("tier0-keep_last")), ("14".into(), "14".into()));
    assert_eq!((value("tier0-preset-time"), value("tier1-preset-time")), ("02:30".into(), "03:30".into()));
    assert_eq!(value("tier1-keep_last"), "");
    let chosen: Vec<&str> = all
        .iter()
        .filter(|t| t.name == "option" && t.has("selected") && t.form.is_some())
        .filter_map(|t| t.get("value"))
        .collect();
    assert!(chosen.starts_with(&["daily"]) && chosen.contains(&"weekly") && chosen.contains(&"0"), "{chosen:?}");
    assert!(!all.iter().any(|t| t.get("id") == Some("tier0-cron")), "a preset says it");
    assert!(text(&page).contains("Off until something is changed."));
}

#[tokio::test]
async fn what_no_preset_says_is_shown_as_text() {
    let mut stub = lived_in();
    let view = stub.policy.as_mut().expect("a policy");
    view.draft.tiers[0].cron = "*/7 1-3 * * 2".into();
    view.draft.tiers[0].keep_snapshots = "2".into();
    let page = seen(stub, "/policies/p1").await;
    let all = tags(&page);
    let cron = all.iter().find(|t| t.get("id") == Some("tier0-cron")).expect("its text");
    assert_eq!(cron.get("value"), Some("*/7 1-3 * * 2"));
    let open: Vec<bool> = all.iter().filter(|t| t.name == "details").map(|t| t.has("open")).collect();
    assert_eq!(open, [true, false], "what is set is in sight");
}

#[tokio::test]
async fn a_new_policy_begins_with_one_night() {
    let page = seen(Stub::default(), "/policies/new").await;
    assert_eq!(h1(&page), "New policy");
    let read = text(&page);
    assert!(
        read.contains("Every day at 02:30.") && read.contains("Create policy") && read.contains("Add a tier"),
        "{read}"
    );
    assert!(!read.contains("Off until"), "what is missing is told when it is sent");
    assert!(!page.contains("aria-invalid"), "nothing is judged before it was left");
}

/// A definition that follows Gold; `refused`: why it stays behind.
fn following(refused: &[&str]) -> Stub {
    let mut stub = lived_in();
    let follows = Follows {
        policy: "p1".into(),
        name: "Gold".into(),
        version: 3,
        refused: refused.iter().map(|s| (*s).to_owned()).collect(),
    };
    stub.definitions.page.rows[0].follows = Some(follows.clone());
    stub.definition.as_mut().expect("a definition").row.follows = Some(follows);
    stub
}

#[tokio::test]
async fn a_definition_names_the_policy_that_it_follows() {
    let page = seen(following(&[]), "/definitions/d1").await;
    assert_eq!(fact(&page, "Policy"), "Gold version 3");
    assert!(page.contains("<a href=\"/policies/p1\">Gold</a>") && !text(&page).contains("not taken over"));
    let page = seen(following(&[]), "/definitions").await;
    assert!(text(row(&page, "shop-nightly")).contains("Every day at 02:30 Europe/Zurich · policy Gold"));
    let own = seen(lived_in(), "/definitions/d1").await;
    assert!(!own.contains("<dt>Policy</dt>"), "it has a rhythm of its own");
}

#[tokio::test]
async fn a_definition_that_stays_behind_says_why() {
    let stub = following(&["Velero keeps by age alone."]);
    let page = seen(stub.clone(), "/definitions/d1").await;
    let read = text(&page);
    for words in
        ["The newest version of Gold is not taken over", "Velero keeps by age alone.", "What version 3 said stays"]
    {
        assert!(read.contains(words), "{words}: {read}");
    }
    let page = seen(stub, "/definitions").await;
    assert!(text(row(&page, "shop-nightly")).contains("policy Gold, not its newest version"));
}
