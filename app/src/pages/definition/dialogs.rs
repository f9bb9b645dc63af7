//! The questions that come before resuming and deleting.

use crate::{paths, ui::*};
use leptos::prelude::*;
use model::DefinitionId;

pub(super) fn dialogs(
    id: &DefinitionId,
    name: &str,
    points_left: u64,
    upstream: &str,
    there: &str,
) -> impl IntoView + use<> {
    let (resume_id, delete_id) = (id.0.clone(), id.0.clone());
    let said = format!("{name} is resumed.");
    let goes = format!("{upstream} is removed from {there}, and no further run begins.");
    let stays = match points_left {
        0 => "It has no recovery point.".to_owned(),
        n => format!(
            "{} and can be restored until they expire.",
            words::plural(n, "recovery point stays", "recovery points stay")
        ),
    };
    let said_now = said.clone();
    view! {
        <Question
            id="resume"
            title=format!("Resume {name}?")
            keep="Stay paused"
            answer=move || {
                view! {
                    <Button act="resume-now" of=resume_id.clone() said=said_now>
                        "Resume, may run at once"
                    </Button>
                    <Button weight=Weight::Primary act="resume-quiet" of=resume_id said>
                        "Resume at the next time"
                    </Button>
                }
            }
        >
            <p>
                "A run that came due during the pause may fire as soon as the schedule is resumed. Choose whether it may, or whether the schedule waits for its next time."
            </p>
        </Question>
        <Removal
            id="delete"
            title=format!("Delete {name}?")
            word="Delete definition"
            act="delete-definition"
            of=delete_id
            then=paths::DEFINITIONS
        >
            <p>{goes}</p>
            <p>{stays}</p>
        </Removal>
    }
}
