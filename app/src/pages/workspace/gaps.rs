//! What ought to be protected and is in no definition, and what is left out on purpose.

use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{Millis, judgement::Uncovered, view::WorkspaceView, workspace::LeftOut};

/// So many stand open; the rest is behind a line that says how many.
const SHOWN: usize = 12;

/// One name that nothing protects, with all the places where it is.
struct Gap {
    name: String,
    places: Vec<String>,
    /// When it appeared; `None` where one of them was there before anybody looked.
    since: Option<Millis>,
    /// A connection that lists it is silent.
    silent: bool,
}

/// Things of one name are one line.
fn by_name(uncovered: &[Uncovered]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    for one in uncovered {
        let place = one.cluster.clone().unwrap_or_else(|| one.connection_name.clone());
        match gaps.iter_mut().find(|gap| gap.name == one.name) {
            Some(gap) => {
                gap.places.push(place);
                gap.since = gap.since.zip(one.since).map(|(a, b)| a.min(b));
                gap.silent |= one.silent;
            }
            None => {
                gaps.push(Gap { name: one.name.clone(), places: vec![place], since: one.since, silent: one.silent })
            }
        }
    }
    gaps
}

pub fn gaps(view: &WorkspaceView, may: bool, now: Millis) -> impl IntoView + use<> {
    let gaps = by_name(&view.uncovered);
    let left_out = view.left_out.clone();
    let read = match view.places_at {
        Some(at) => format!("as listed {}", words::ago(at, now)),
        None => String::new(),
    };
    let to = match &view.upstream {
        Some((connection, ..)) => paths::new_definition_on(connection),
        None => paths::NEW_DEFINITION.to_owned(),
    };
    let none = match (gaps.is_empty(), view.places_at) {
        (false, _) => "",
        (true, None) => "What is there has not been listed yet, so nobody can say.",
        (true, Some(_)) => "Nothing: all that belongs to it is in a definition, or left out on purpose.",
    };
    let rest = gaps.len().saturating_sub(SHOWN);
    let mut lines: Vec<AnyView> = gaps.into_iter().map(|gap| line(gap, may.then(|| to.clone()), now)).collect();
    let more = lines.split_off(lines.len() - rest);
    let shown = lines.len();
    view! {
        <div>
            <Section id="uncovered" title="What nothing protects" note=read>
                {(!none.is_empty()).then(|| view! { <p class="note">{none}</p> })}
                {(shown > 0)
                    .then(|| {
                        view! {
                            <div class="panel">
                                <ul>{lines}</ul>
                                {(rest > 0)
                                    .then(|| {
                                        view! {
                                            <details class="fold" id="uncovered-more">
                                                <summary>
                                                    <b>{format!("{} more", words::count(rest as u64))}</b>
                                                </summary>
                                                <ul>{more}</ul>
                                            </details>
                                        }
                                    })}
                            </div>
                        }
                    })}
            </Section>
            {purpose(left_out)}
        </div>
    }
}

fn line(gap: Gap, to: Option<String>, now: Millis) -> AnyView {
    let sign = Sign::unprotected();
    let places = format!(" on {}", words::list(&gap.places));
    let name = gap.name.clone();
    view! {
        <li class="need" data-tone=sign.tone.key()>
            <Icon name=sign.glyph />
            <div>
                <p>
                    <b>{gap.name}</b>
                    {places}
                </p>
                {gap.since.map(|at| view! { <p class="sub">"appeared " <Time at now told=Told::Exact /></p> })}
                {gap.silent.then(|| view! { <p class="sub">"as last seen: its connection is silent"</p> })}
            </div>
            {to
                .map(|href| {
                    view! {
                        <div class="acts">
                            <LinkButton href size=Size::Small>
                                "Protect it"
                                <span class="sr-only">{format!(": {name}")}</span>
                            </LinkButton>
                        </div>
                    }
                })}
        </li>
    }
    .into_any()
}

fn purpose(left_out: Vec<(LeftOut, u32)>) -> AnyView {
    if left_out.is_empty() {
        return ().into_any();
    }
    let lines = left_out
        .into_iter()
        .map(|(out, n)| {
            let n = match n {
                0 => "takes out nothing now".to_owned(),
                n => words::plural(n.into(), "thing", "things"),
            };
            view! {
                <li class="need" data-tone="mute">
                    <Icon name=Glyph::Info />
                    <div>
                        <p>
                            <b>{out.pattern}</b>
                            {format!(", {n}")}
                        </p>
                        <p class="sub">{format!("by {}: “{}”", out.by, out.reason)}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <Section id="left-out" title="Left out on purpose">
            <div class="panel">
                <ul>{lines}</ul>
            </div>
        </Section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_on_several_clusters_is_one_line() {
        let one = |name: &str, cluster: Option<&str>, since| Uncovered {
            connection_name: "palette-retail".into(),
            cluster: cluster.map(str::to_owned),
            name: name.into(),
            since,
            silent: since.is_none(),
        };
        let gaps = by_name(&[
            one("loyalty", Some("basel"), Some(Millis(5))),
            one("mail", None, Some(Millis(1))),
            one("loyalty", Some("bern"), Some(Millis(3))),
            one("mail", Some("geneva"), None),
        ]);
        let told: Vec<_> = gaps.iter().map(|gap| (gap.name.as_str(), words::list(&gap.places), gap.since)).collect();
        assert!(!gaps[0].silent && gaps[1].silent);
        assert_eq!(
            told,
            [
                ("loyalty", "basel and bern".to_owned(), Some(Millis(3))),
                ("mail", "palette-retail and geneva".to_owned(), None)
            ]
        );
    }
}
