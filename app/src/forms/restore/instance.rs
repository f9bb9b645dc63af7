//! What a new instance is given: its size, its networks and what protects them.

use super::Form;
use crate::ui::{
    Answer, check, field,
    part::{Part, Said, div, p, parts, switch},
    problem_of,
};
use model::{
    Named,
    restore::{RestoreDraft, RestoreOffer},
};

/// The size. Where the list can't be had its id can be typed.
pub fn flavor(form: Form) -> Part {
    let now = move || form.draft.with(|d| d.flavor.as_ref().map(|f| f.id.clone()).unwrap_or_default());
    let kind = move || (form.offer.with(|o| o.flavors.len()), form.failed.with(Option::is_some));
    switch(kind, move |(listed, failed)| {
        let size = |label| {
            field("flavor", label)
                .class("mt-4")
                .value(Said::live(move || Some(now())))
                .error(form.error("flavor".into()))
        };
        if listed == 0 && failed {
            return size("Id of the new instance's size")
                .autocomplete("off")
                .typed(move |text| {
                    let text = text.trim().to_owned();
                    form.edit(|d| d.flavor = (!text.is_empty()).then(|| Named::new(text.clone(), text)));
                })
                .text();
        }
        let offered = form.offer.with_untracked(|o| o.flavors.clone());
        let answers =
            std::iter::once(Answer::new("", "Choose …")).chain(offered.into_iter().map(|n| Answer::new(n.id, n.name)));
        size("Size of the new instance")
            .typed(move |id| {
                let found = form.offer.with_untracked(|o| o.flavors.iter().find(|n| n.id == id).cloned());
                form.edit(|d| d.flavor = found);
            })
            .select(answers.collect())
    })
}

/// What stands in the place of an empty list: nobody says that there is nothing before it was read.
fn none(asking: bool, failed: bool) -> &'static str {
    match (asking, failed) {
        (true, _) => "Being read …",
        (false, true) => "Could not be read; what the system does by itself is done.",
        (false, false) => "The system offers none now; what it does by itself is done.",
    }
}

/// Some of a list, ticked; none leaves it to the system.
pub fn several(
    form: Form,
    path: &'static str,
    title: &'static str,
    offered: fn(&RestoreOffer) -> &Vec<Named>,
    chosen: fn(&mut RestoreDraft) -> &mut Vec<Named>,
) -> Part {
    let title_id = format!("{path}-title");
    let inside = switch(
        move || (form.offer.with(|o| offered(o).clone()), form.asking.get(), form.failed.with(Option::is_some)),
        move |(all, asking, failed): (Vec<Named>, bool, bool)| {
            if all.is_empty() {
                return p("help").put(none(asking, failed)).into();
            }
            let one = |(at, named): (usize, Named)| {
                let (own, name) = (named.clone(), named.name.clone());
                check(
                    format!("{path}-{at}"),
                    name,
                    move || form.draft.with(|d| chosen(&mut d.clone()).contains(&own)),
                    Said::Never,
                    Said::Never,
                    move |on| {
                        form.edit(|d| {
                            let list = chosen(d);
                            list.retain(|n| *n != named);
                            if on {
                                list.push(named.clone());
                            }
                        });
                    },
                )
            };
            parts(all.into_iter().enumerate().map(one))
        },
    );
    parts([
        p("font-medium mt-4 mb-1").id(title_id.clone()).put(title).into(),
        div("grid gap-1 max-h-60 overflow-auto")
            .id(path)
            .attr("role", "group")
            .attr("aria-labelledby", title_id)
            .put(inside)
            .into(),
        problem_of(path, form.error(path.into())),
    ])
}

#[cfg(test)]
mod tests {
    use super::none;

    #[test]
    fn an_empty_list_is_none_only_when_it_was_read() {
        assert!(none(false, false).starts_with("The system offers none"));
        assert_eq!([none(true, false), none(true, true)], ["Being read …"; 2]);
        assert!(none(false, true).starts_with("Could not be read"));
    }
}
