//! The status page: every workspace with its verdict, what needs somebody, and what stands there before there is any.

use super::{
    filled::lived_in,
    h1,
    html::{row, section, states, tags, text},
    rooms, seen,
    support::{NOW, Stub},
};
use model::{protection::Protection, strip::DayMark, view::Home};

fn names(page: &str) -> Vec<String> {
    section(page, "workspaces")
        .match_indices("id=\"w-")
        .filter_map(|(at, _)| {
            tags(&section(page, "workspaces")[at..]).into_iter().find(|t| t.get("class") == Some("row-name"))
        })
        .map(|tag| tag.text)
        .collect()
}

#[tokio::test]
async fn each_row_says_how_well_it_is_protected_and_why() {
    let page = seen(lived_in(), "/").await;
    for (name, tone, word, says) in [
        (
            "checkout",
            "bad",
            "Unprotected",
            ["no definition covers its 4 namespaces", "None yet RPO 24 h", "nothing was due"],
        ),
        (
            "lab",
            "warn",
            "At risk",
            [
                "gitlab-1: its schedule is switched off upstream: quota; gitlab-1: the newest good point is 9 d old; 2 more reasons",
                "RPO 24 h · 8 d 10 h over",
                "None switched off upstream",
            ],
        ),
        ("storefront", "warn", "At risk", ["53 h RPO 24 h · 29 h over", "27 of 30 days good", "Next tomorrow"]),
        ("payments", "warn", "At risk", ["Running · 63 %", "11 min so far", "30 of 30 days good"]),
        ("erp", "warn", "At risk", ["Overdue 2 h 42 min late, due today 05:59", "the 06:00 run has not begun", "26 h"]),
        ("orders-us", "mute", "Unknown", ["as of today 08:27", "Silent next try in 40 s", "30 of 30 days good, as of"]),
        ("ledger", "good", "Protected", ["2 of 2 definitions", "7 h RPO 24 h", "nightly"]),
    ] {
        let one = row(section(&page, "workspaces"), name);
        assert_eq!(states(one)[0], (tone.to_owned(), word.to_owned()), "{name}");
        let read = text(one);
        for says in says {
            assert!(read.contains(says), "{name} says “{says}”: {read}");
        }
        assert_eq!(one.contains("is-silent"), name == "orders-us", "{name}");
    }
    assert!(text(&page).contains("3 definitions belong to no workspace."), "{}", text(&page));
}

#[tokio::test]
async fn the_picture_of_the_days_names_the_bad_ones() {
    let page = seen(lived_in(), "/").await;
    let label = |name: &str| {
        let strips = tags(row(section(&page, "workspaces"), name));
        let strip = strips.into_iter().find(|t| t.get("role") == Some("img")).expect(name);
        strip.get("aria-label").expect(name).to_owned()
    };
    let storefront = label("storefront");
    assert!(storefront.starts_with("storefront, last 30 days: 27 of 30 days good"), "{storefront}");
    assert!(
        storefront.contains("partial on 12 Oct") && storefront.contains("failed from 28 Oct to 29 Oct"),
        "{storefront}"
    );
    let erp = label("erp");
    for said in ["missed on 4 Oct", "unknown on 26 Oct", "overdue on 29 Oct"] {
        assert!(erp.contains(said), "{said}: {erp}");
    }
    assert_eq!(label("ledger"), "ledger, last 30 days: 30 of 30 days good");
    // The legend explains each shape once.
    assert_eq!(page.matches("class=\"legend").count(), 1);
    for mark in [DayMark::Good, DayMark::Unknown, DayMark::Overdue] {
        assert!(section(&page, "workspaces").contains(&format!("</svg>{}</li>", mark.word())), "{mark:?}");
    }
    let head = tags(&page).into_iter().find(|t| t.name == "th" && t.text.contains("Last 30 days")).expect("a head");
    assert!(head.text.contains("30 Sep") && head.text.contains("today"), "{}", head.text);
}

#[tokio::test]
async fn verdicts_filter_by_the_url() {
    let all = names(&seen(lived_in(), "/").await);
    assert_eq!(all, ["checkout", "lab", "storefront", "payments", "erp", "orders-us", "ledger"], "most exposed first");
    let page = seen(lived_in(), "/?protection=at-risk").await;
    assert_eq!(names(&page), ["lab", "storefront", "payments", "erp"]);
    assert_eq!(h1(&page), "5 of 7 workspaces need you", "the verdict is about all");
    let tally: Vec<_> = tags(section(&page, "workspaces"))
        .into_iter()
        .filter(|t| t.get("href").is_some_and(|to| to.starts_with("/?protection=") || to == "/"))
        .map(|t| (t.text.clone(), t.get("href").expect("a link").to_owned(), t.has("aria-current")))
        .collect();
    let count = |text: &str, to: &str, current| (text.to_owned(), to.to_owned(), current);
    assert_eq!(
        tally,
        [
            count("7 all", "/", false),
            count("1 unprotected", "/?protection=unprotected", false),
            count("4 at risk", "/?protection=at-risk", true),
            count("1 unknown", "/?protection=unknown", false),
            count("1 protected", "/?protection=protected", false),
        ]
    );
    assert_eq!(
        names(&seen(lived_in(), "/?protection=nonsense").await),
        all,
        "a word that nobody knows filters nothing"
    );
    let mut stub = lived_in();
    stub.home.workspaces.retain(|row| row.judgement.protection != Protection::Unknown);
    let page = seen(stub, "/?protection=unknown").await;
    assert!(text(section(&page, "workspaces")).contains("No workspace is unknown"), "{}", text(&page));
    assert!(!section(&page, "workspaces").contains("<table"));
}

#[tokio::test]
async fn without_workspaces_the_needs_still_stand() {
    let mut stub = lived_in();
    stub.home.workspaces.clear();
    let page = seen(stub.clone(), "/").await;
    assert_eq!(h1(&page), "2 things need you");
    assert!(text(section(&page, "workspaces")).contains("No workspace yet"));
    assert!(section(&page, "workspaces").contains("href=\"/workspaces/new\""));
    assert!(text(section(&page, "needs")).contains("newest run is partial"));
    assert!(text(section(&page, "running")).contains("25 %"), "{}", text(section(&page, "running")));
    // Each definition speaks for itself as long as nothing is judged as a whole.
    let alone = row(section(&page, "definitions"), "shop-nightly");
    assert_eq!(states(alone)[0], ("good".into(), "Protected".into()));
    assert!(text(section(&page, "definitions")).contains("1 of 41. Show all definitions"), "{}", text(&page));
    assert!(!seen(lived_in(), "/").await.contains(" id=\"definitions\""), "with workspaces they do not");
    // What is wrong is told also where nothing is declared yet.
    stub.home.definitions = 0;
    let page = seen(stub, "/").await;
    assert!(text(&page).contains("Nothing is protected by Holdfast yet"));
    assert!(text(section(&page, "needs")).contains("newest run is partial"));
}

#[tokio::test]
async fn things_to_try_can_be_put_away_and_need_no_script() {
    let page = seen(lived_in(), "/").await;
    let tour = tags(&page).into_iter().find(|t| t.get("id") == Some("tour")).expect("the tour");
    assert!(tour.name == "details" && tour.has("open") && tour.has("data-kept"), "{tour:?}");
    assert!(page.find("id=\"tour\"") < page.find("id=\"needs\""), "it stands above what needs somebody");
    assert!(tour.text.contains("One cluster of storefront refuses its key.") && page.contains("Open storefront</a>"));
    let plain = seen(Stub { home: Home { tour: Vec::new(), ..rooms::home() }, ..lived_in() }, "/").await;
    assert!(!plain.contains("id=\"tour\"") && !plain.contains("KeptClosed"));
}

#[tokio::test]
async fn an_age_is_old_news_of_a_moment() {
    let page = seen(lived_in(), "/").await;
    let taken = NOW.plus(-53 * 3_600_000);
    let times = tags(row(section(&page, "workspaces"), "storefront"));
    let at = times.into_iter().find(|t| t.name == "time").expect("a time");
    assert_eq!(at.get("datetime"), Some(taken.rfc3339().as_str()));
    assert_eq!(at.get("title"), Some("Tue 27 Oct 2026, 03:41:39 CET"));
}
