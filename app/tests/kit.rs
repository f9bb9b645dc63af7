//! Every part of the component kit, rendered: names, descriptions and states must be right by construction.
//! With `HOLDFAST_GALLERY=folder` the pages are also written there, to be looked at beside the compiled stylesheet.
#![cfg(feature = "ssr")]
#![expect(clippy::unwrap_used, reason = "a test may stop")]

#[path = "kit/gallery.rs"]
mod gallery;

use app::ui::*;
use leptos::prelude::*;

/// Renders like the server does, under an owner; without the marks that the framework leaves between nodes.
fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    owner.with(|| view().into_view().to_html()).replace("<!>", "")
}

/// Values of all `name="…"` attributes.
fn attributes(html: &str, name: &str) -> Vec<String> {
    let start = format!(" {name}=\"");
    html.match_indices(&start).map(|(at, _)| html[at + start.len()..].split('"').next().unwrap().to_owned()).collect()
}

/// Every id that is named exists, once.
fn is_tied_together(page: &str, must_name: &[&str]) {
    let mut ids = attributes(page, "id");
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert_eq!(all, ids.len(), "an id is used twice");
    for name in ["for", "aria-labelledby", "aria-describedby", "popovertarget", "commandfor"] {
        let used = attributes(page, name);
        assert!(!used.is_empty() || !must_name.contains(&name), "{name} is not shown");
        for id in used.iter().flat_map(|v| v.split_whitespace()) {
            assert!(ids.iter().any(|i| i == id), "{name} names {id}, which is not on the page");
        }
    }
    assert_eq!(page.matches("<h1").count(), 1);
    assert_eq!(page.matches("<main").count(), 1);
    assert!(page.contains("href=\"#main\"") && page.contains("id=\"main\""), "the skip link leads somewhere");
    assert!(!page.contains(" style=\"") && !page.contains("<style"), "the policy forbids inline styles");
}

#[test]
fn the_whole_kit_is_tied_together() {
    let pages = [
        ("gallery", html(|| app::shell::shell(gallery::gallery))),
        ("sign-in", html(|| app::shell::shell(gallery::sign_in))),
    ];
    if let Ok(folder) = std::env::var("HOLDFAST_GALLERY") {
        for (name, page) in &pages {
            std::fs::write(format!("{folder}/{name}.html"), page).unwrap();
        }
    }
    let [(_, gallery), (_, bare)] = &pages;
    is_tied_together(gallery, &["for", "aria-labelledby", "aria-describedby", "popovertarget", "commandfor"]);
    is_tied_together(bare, &["for", "aria-describedby"]);
    assert!(!bare.contains("<script"), "signing in needs no script");
    assert!(gallery.contains("<html lang=\"en\">"), "without a chosen theme the system decides");
}

#[test]
fn a_chosen_theme_is_in_the_document() {
    let page = html(|| {
        provide_context(app::shell::Theme::Dark);
        app::shell::shell(gallery::sign_in)
    });
    assert!(page.contains("<html lang=\"en\" data-theme=\"dark\">"), "{page}");
}

#[test]
fn every_glyph_is_drawn() {
    let sheet = include_str!("../../style/icons.css");
    for glyph in Glyph::ALL {
        let rule = format!(".{} {{", glyph.class().trim_start_matches("ico "));
        assert!(sheet.contains(&rule), "{glyph:?} is not in style/icons.css");
    }
    assert_eq!(sheet.matches("{ --i: url").count(), Glyph::ALL.len(), "a drawing without a name");
}

#[test]
fn a_button_that_is_off_says_why() {
    let html = html(|| view! { <Button off="Velero cannot cancel a backup.">"Cancel run"</Button> });
    let id = attributes(&html, "aria-describedby").pop().unwrap();
    assert!(html.contains(" disabled"), "{html}");
    assert!(html.contains(&format!("class=\"help\" id=\"{id}\">Velero cannot cancel a backup.</span>")), "{html}");
    let on = self::html(|| view! { <Button>"Run now"</Button> });
    assert!(!on.contains("disabled") && !on.contains("aria-describedby"), "{on}");
    let link = self::html(|| view! { <LinkButton href="/x" off="Not yet.">"Restore…"</LinkButton> });
    assert!(!link.contains("<a") && link.contains("disabled") && link.contains("Not yet."), "{link}");
}

#[test]
fn what_removes_something_asks_first() {
    let page = html(|| {
        view! {
            <Removal id="delete" title="Delete gold?" word="Delete policy" act="delete-policy" of="p1" then="/policies">
                <p>"No definition follows it."</p>
            </Removal>
        }
    });
    let (keep, answer) = (page.find("Keep it").unwrap(), page.find("Delete policy").unwrap());
    assert!(keep < answer, "the safe answer comes first: {page}");
    for (name, value) in [("data-act", "delete-policy"), ("data-id", "p1"), ("data-then", "/policies")] {
        assert_eq!(attributes(&page, name), [value], "{page}");
    }
    assert!(page.contains("<h2 id=\"delete-h\">Delete gold?</h2>") && page.contains("data-err"), "{page}");
}

#[test]
fn a_field_carries_its_error_and_its_help() {
    let html = html(|| field("cron", "Cron").value("@every 1d").error("Write 24h.").help("Five fields.").text());
    assert!(html.contains("<label for=\"cron\"") && html.contains(">Cron</label>"), "{html}");
    assert!(
        html.contains("aria-invalid=\"true\"") && html.contains("aria-describedby=\"cron-err cron-help\""),
        "{html}"
    );
    assert!(html.contains("value=\"@every 1d\"") && html.contains("id=\"cron-err\"") && html.contains("Write 24h."));
    let fine = self::html(|| field("n", "Name").text());
    assert!(!fine.contains("aria-invalid") && !fine.contains("aria-describedby"), "{fine}");
}

#[test]
fn a_refused_field_is_disabled_and_says_so() {
    let html = html(|| field("keep", "Keep").help("Points.").off("Velero keeps by age.").text());
    assert!(html.contains("disabled") && html.contains("Velero keeps by age.") && !html.contains("Points."), "{html}");
}

#[test]
fn a_choice_is_named_by_its_title_alone() {
    let html = html(|| Card::new("by", "app", "An app").help("x").off("Velero knows no apps.").choice(|| false, || ()));
    assert!(html.contains("aria-labelledby=\"by-app-title\"") && html.contains("aria-describedby=\"by-app-help\""));
    assert!(html.contains("<b id=\"by-app-title\">An app</b>") && html.contains("Velero knows no apps."), "{html}");
}

#[test]
fn a_select_marks_the_chosen_answer() {
    let html = html(|| {
        let answers = vec![Answer::new("a", "A"), Answer::new("b", "B")];
        field("s", "S").value("b").select(answers)
    });
    assert_eq!(html.matches("selected").count(), 1, "{html}");
    assert!(html.contains("<option value=\"b\" selected"), "{html}");
}

#[test]
fn an_unknown_state_keeps_its_word() {
    let html = html(|| view! { <State of=model::Phase::Unknown("Finishing".into())/> });
    assert!(html.contains("data-tone=\"mute\"") && html.contains("<code class=\"raw\">Finishing</code>"), "{html}");
    let running = self::html(|| view! { <State of=model::Phase::Running/> });
    assert!(running.contains("data-spin"), "{running}");
}

#[test]
fn a_sorted_column_says_so_and_leads_to_the_other_order() {
    let link = |key: &str| format!("/definitions?sort={key}");
    let up = Column::new("Name").sorted("name", "name", link);
    assert_eq!((up.order, up.sort.as_deref()), (Some(Order::Ascending), Some("/definitions?sort=-name")));
    let down = Column::new("Name").sorted("name", "-name", link);
    assert_eq!((down.order, down.sort.as_deref()), (Some(Order::Descending), Some("/definitions?sort=name")));
    let other = Column::new("Name").sorted("name", "last_run", link);
    assert_eq!((other.order, other.sort.as_deref()), (None, Some("/definitions?sort=name")));
    let html = html(|| view! { <Table label="Definitions" columns=vec![up]>""</Table> });
    assert!(
        html.contains("aria-sort=\"ascending\"") && html.contains("<caption class=\"sr-only\">Definitions</caption>")
    );
}

#[test]
fn a_progress_without_a_total_has_no_value() {
    let known = html(|| view! { <Bar label="Upload" done=model::run::Progress { done: 63, total: Some(100) }/> });
    assert!(
        known.contains("value=\"63\"") && known.contains("63 %") && known.contains("aria-label=\"Upload\""),
        "{known}"
    );
    let unknown = html(|| view! { <Bar label="Upload" done=model::run::Progress { done: 63, total: None }/> });
    assert!(!unknown.contains("value="), "{unknown}");
}

#[test]
fn text_is_escaped_everywhere() {
    let evil = "<script>alert(1)</script>\"'&";
    let html = html(|| {
        let line = model::run::LogLine {
            number: 1,
            time: evil.into(),
            level: evil.into(),
            text: evil.into(),
            rest: evil.into(),
        };
        view! {
            <Callout tone=Tone::Bad title=evil/>
            <Code label=evil text=evil syntax=Syntax::Yaml/>
            <LogLines lines=vec![line]/>
            <State of=model::Phase::Unknown(evil.into())/>
            {field("a", evil).value(evil).error(evil).help(evil).text()}
            {field("b", evil).value(evil).area(3, true)}
            <Need sign=Sign::overdue() name=evil what=evil/>
        }
    });
    assert!(!html.contains("<script"), "{html}");
}
