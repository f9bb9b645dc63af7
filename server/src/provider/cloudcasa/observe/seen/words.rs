//! CloudCasa's words for states.

use crate::provider::cloudcasa::wire::{Job, Point};
use model::{Phase, location::LocationState, recovery::PointState};

/// A job's state. Both spellings of the cancelled one are in use.
pub fn phase(job: &Job) -> Phase {
    match job.state.as_str() {
        "PENDING" => Phase::Queued,
        "RUNNING" | "CATALOG" | "CANCELLING" => Phase::Running,
        // The state of a copy that lacks something may stand in its phase alone.
        "COMPLETED" if job.phase == "OFFLOAD_PARTIAL" => Phase::Partial,
        "COMPLETED" => Phase::Succeeded,
        "PARTIAL" => Phase::Partial,
        // Skipped: it was due, and there is no recovery point of it.
        "FAILED" | "SKIPPED" => Phase::Failed,
        "CANCELED" | "CANCELLED" => Phase::Cancelled,
        other => Phase::Unknown(other.to_owned()),
    }
}

/// A volume's state within a job.
pub fn volume_phase(state: &str) -> Phase {
    match state {
        "PENDING" => Phase::Queued,
        "ACTIVE" => Phase::Running,
        "COMPLETED" => Phase::Succeeded,
        "FAILED" | "SKIPPED" => Phase::Failed,
        other => Phase::Unknown(other.to_owned()),
    }
}

/// A restore's state before it has a job.
pub fn restore_phase(state: &str) -> Phase {
    match state {
        // The state is written only after the answer to its creation.
        "" | "PENDING" | "JOB_CREATED" => Phase::Queued,
        "FAILED" => Phase::Failed,
        other => Phase::Unknown(other.to_owned()),
    }
}

pub fn point_state(point: &Point) -> PointState {
    let fewer = |some: Option<u64>, all: Option<u64>| matches!((some, all), (Some(some), Some(all)) if some < all);
    match point.state.as_str() {
        "READY" => {
            let lacks = point.num_errors.is_some_and(|n| n > 0)
                || fewer(point.num_volume_snapshots_completed, point.num_volume_snapshots_attempted)
                || fewer(point.num_backup_resources, point.num_total_resources);
            if lacks { PointState::Partial } else { PointState::Whole }
        }
        "DELETING" => PointState::Deleting,
        other => PointState::Unknown(other.to_owned()),
    }
}

pub fn location_state(state: &str) -> LocationState {
    match state {
        "READY" => LocationState::Available,
        "FAILED" => LocationState::Unavailable,
        "VALIDATING" => LocationState::NotChecked,
        other => LocationState::Unknown(other.to_owned()),
    }
}
