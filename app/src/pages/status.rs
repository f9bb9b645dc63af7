//! Status: what to do now, and how each workspace is protected.

mod definitions;
mod needs;
mod tour;
mod workspaces;

use super::{
    framed::{framed, looks_only, only_administrators, query},
    place,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis,
    protection::Protection,
    view::{DefinitionFilter, DefinitionList, Home},
};

/// The page; `?protection=` shows the workspaces of one verdict.
#[component]
pub fn Status() -> impl IntoView {
    let shown = query("protection");
    framed(
        place::status(),
        |backend, caller| async move {
            let home = backend.home(&caller).await?;
            // Workspaces judge definitions as a whole; without any, each speaks for itself.
            let alone = home.workspaces.is_empty() && home.definitions > 0;
            let definitions = if alone {
                let order = DefinitionFilter { sort: definitions::ORDER.into(), ..DefinitionFilter::default() };
                backend.definitions(&caller, order).await?
            } else {
                DefinitionList::default()
            };
            Ok((home, definitions))
        },
        move |(home, definitions), frame| content(home, definitions, &shown, frame.now).into_any(),
    )
}

fn content(home: Home, definitions: DefinitionList, shown: &str, now: Millis) -> AnyView {
    if home.connections == 0 {
        return begin(
            "Nothing is connected yet",
            "Holdfast works over the backup systems that you already run. Connect one; the test says step by step what is missing.",
            paths::NEW_CONNECTION,
            "Add connection",
            only_administrators(),
            &[
                "Define what is to be protected, when, and how long it is kept. The wizard sends nothing before you have seen it.",
                "Run it once, and restore its recovery point into another namespace: only that proves it.",
                "Look here for what is left: unprotected, failed, overdue or changed by somebody else.",
            ],
        );
    }
    if home.definitions == 0 && home.workspaces.is_empty() {
        let first = begin(
            "Nothing is protected by Holdfast yet",
            "A definition says what is protected, when, and how long it is kept. The wizard shows what it will send before anything is sent.",
            paths::NEW_DEFINITION,
            "New definition",
            looks_only(),
            &[
                "Run it once, and restore its recovery point into another namespace: only that proves it.",
                "Make a workspace of what one team watches: it is judged as a whole, also what no definition covers.",
                "Look here for what is left: unprotected, failed, overdue or changed by somebody else.",
            ],
        );
        let waiting =
            (!home.needs.is_empty()).then(|| view! { <div class="sec">{needs::needs(home.needs, now)}</div> });
        return view! { {first}{waiting} }.into_any();
    }
    let may = looks_only().is_empty();
    let (title, lead) = (title(&home), lead(&home));
    let lists = if home.workspaces.is_empty() {
        view! {
            {definitions::definitions(definitions, now)}
            {workspaces::none()}
        }
        .into_any()
    } else {
        view! {
            {workspaces::workspaces(home.workspaces, shown, now)}
            {workspaces::loose(home.loose)}
        }
        .into_any()
    };
    view! {
        <Head title lead=lead.into_any()>
            {may.then(|| {
                view! {
                    <LinkButton href=paths::NEW_WORKSPACE icon=Glyph::Plus>
                        "New workspace"
                    </LinkButton>
                }
            })}
            <LinkButton href=paths::NEW_DEFINITION icon=Glyph::Plus off=looks_only()>
                "New definition"
            </LinkButton>
        </Head>
        {tour::tour(home.tour)}
        {needs::needs(home.needs, now)}
        {lists}
        {needs::running(home.running, now)}
    }
    .into_any()
}

fn counted(home: &Home, protection: Protection) -> usize {
    home.workspaces.iter().filter(|row| row.judgement.protection == protection).count()
}

/// The verdict. It is good only when every workspace is.
fn title(home: &Home) -> String {
    let all = home.workspaces.len();
    let exposed = counted(home, Protection::Unprotected) + counted(home, Protection::AtRisk);
    let unknown = counted(home, Protection::Unknown);
    match (all, exposed) {
        (1, 1) => "The workspace needs you".into(),
        (_, 1) => format!("1 of {all} workspaces needs you"),
        (_, 2..) => format!("{exposed} of {all} workspaces need you"),
        _ => match (home.needs.len(), unknown) {
            (0, 0) => "Nothing needs you".to_owned(),
            (0, 1) if all == 1 => "The workspace cannot be judged".into(),
            (0, unknown) => format!("{unknown} of {all} workspaces cannot be judged"),
            (1, _) => "1 thing needs you".into(),
            (n, _) => format!("{n} things need you"),
        },
    }
}

/// What the title does not say, and by what it is judged.
fn lead(home: &Home) -> String {
    const BY: &str = "Judged from recovery points that exist, not from schedules.";
    let (good, unknown) = (counted(home, Protection::Protected), counted(home, Protection::Unknown));
    let mut said = Vec::new();
    if good > 0 {
        said.push(format!("{good} {} protected", if good == 1 { "is" } else { "are" }));
    }
    if unknown > 0 {
        said.push(format!("{unknown} cannot be judged"));
    }
    if said.is_empty() { BY.to_owned() } else { format!("{}. {BY}", said.join(", ")) }
}

/// `off`: why the reader cannot begin, if so.
fn begin(
    title: &'static str,
    what: &'static str,
    href: &'static str,
    button: &'static str,
    off: &'static str,
    then: &'static [&'static str],
) -> AnyView {
    view! {
        <Head title="Status" />
        <Empty title what>
            <LinkButton href weight=Weight::Primary icon=Glyph::Plus off>
                {button}
            </LinkButton>
        </Empty>
        <Section id="then" title="Then">
            <ol class="then text-ink-2">
                {then.iter().map(|step| view! { <li>{*step}</li> }).collect_view()}
            </ol>
        </Section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        duration::Seconds,
        judgement::Judgement,
        view::{Need, NeedKind, NowAndNext, WorkspaceRow},
    };

    fn home(verdicts: &[Protection], needs: usize) -> Home {
        let row = |protection: &Protection| WorkspaceRow {
            id: "w".into(),
            name: "shop".into(),
            of: String::new(),
            judgement: Judgement {
                protection: *protection,
                reasons: Vec::new(),
                newest_good: None,
                over: None,
                as_of: None,
            },
            rpo: Seconds(86_400),
            days: Vec::new(),
            now: NowAndNext::Nothing(String::new()),
            silent: false,
        };
        let need = || Need {
            kind: NeedKind::Silent,
            subject: "zrh".into(),
            what: String::new(),
            detail: String::new(),
            since: None,
            link: "/".into(),
            action: String::new(),
        };
        Home {
            workspaces: verdicts.iter().map(row).collect(),
            needs: std::iter::repeat_with(need).take(needs).collect(),
            ..Home::default()
        }
    }

    #[test]
    fn the_title_is_the_verdict() {
        use Protection::{AtRisk, Protected, Unknown, Unprotected};
        for (verdicts, needs, said) in [
            (&[Unprotected, AtRisk, Protected][..], 5, "2 of 3 workspaces need you"),
            (&[AtRisk, Protected], 0, "1 of 2 workspaces needs you"),
            (&[AtRisk], 1, "The workspace needs you"),
            (&[Protected, Unknown], 0, "1 of 2 workspaces cannot be judged"),
            (&[Unknown], 0, "The workspace cannot be judged"),
            (&[Protected, Unknown], 2, "2 things need you"),
            (&[Protected], 1, "1 thing needs you"),
            (&[Protected], 0, "Nothing needs you"),
            (&[], 0, "Nothing needs you"),
        ] {
            assert_eq!(title(&home(verdicts, needs)), said, "{verdicts:?} with {needs}");
        }
    }

    #[test]
    fn the_lead_never_calls_the_unknown_good() {
        use Protection::{Protected, Unknown};
        assert!(lead(&home(&[Protected, Protected, Unknown], 0)).starts_with("2 are protected, 1 cannot be judged. "));
        assert!(lead(&home(&[Unknown], 0)).starts_with("1 cannot be judged. Judged from recovery points"));
        assert!(lead(&home(&[], 0)).starts_with("Judged from recovery points"));
    }
}
