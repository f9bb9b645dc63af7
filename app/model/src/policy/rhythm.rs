//! Whether two schedules meet: what makes two tiers of one policy do the same work twice.

use crate::cron::{Cron, Field};

/// Whether both ever fire in the same minute. Nobody can say so of a fixed distance, which counts from its last run.
pub(super) fn meet(a: &Cron, b: &Cron) -> bool {
    match (a, b) {
        (Cron::Fields(a), Cron::Fields(b)) => {
            common(&a[0], &b[0]) && common(&a[1], &b[1]) && days().any(|day| on(a, day) && on(b, day))
        }
        _ => false,
    }
}

/// Whether it fires at all: `0 2 30 2 *` never does.
pub(super) fn fires(cron: &Cron) -> bool {
    match cron {
        Cron::Fields(fields) => days().any(|day| on(fields, day)),
        Cron::Every(_) => true,
    }
}

/// Every day that some year has: month, day, weekday.
fn days() -> impl Iterator<Item = (u8, u8, u8)> {
    const LONGEST: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    (1_u8..).zip(LONGEST).flat_map(|(month, last)| (1..=last).flat_map(move |day| (0..7).map(move |w| (month, day, w))))
}

/// Vixie's rule: two restricted day fields are joined by "or", otherwise by "and".
fn on([_, _, day, month, weekday]: &[Field; 5], (m, d, w): (u8, u8, u8)) -> bool {
    let (in_month, on_weekday) = (has(day, d), has(weekday, w));
    has(month, m) && if day.any || weekday.any { in_month && on_weekday } else { in_month || on_weekday }
}

fn has(field: &Field, value: u8) -> bool {
    field.values.binary_search(&value).is_ok()
}

fn common(a: &Field, b: &Field) -> bool {
    a.values.iter().any(|value| has(b, *value))
}
