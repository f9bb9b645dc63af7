//! Friendly schedules: a preset writes the cron text and is read back from it, so that the text alone is the truth.

/// What people usually want. Days of the week count from Sunday, as cron does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    Daily {
        hour: u8,
        minute: u8,
    },
    Weekdays {
        hour: u8,
        minute: u8,
    },
    Weekly {
        day: u8,
        hour: u8,
        minute: u8,
    },
    /// On a day that every month has.
    Monthly {
        day: u8,
        hour: u8,
        minute: u8,
    },
    Hourly {
        minute: u8,
    },
    /// Every few hours, counted from midnight.
    Hours {
        step: u8,
        minute: u8,
    },
    Custom,
}

/// Sunday is 0.
pub const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Distances in hours that fit a day evenly.
pub const STEPS: [u8; 6] = [2, 3, 4, 6, 8, 12];

/// The last day of the month that every month has.
pub const LAST_DAY: u8 = 28;

impl Preset {
    /// Key and word of each, in the order of the select.
    pub const KINDS: [(&'static str, &'static str); 7] = [
        ("daily", "Every day"),
        ("weekdays", "On weekdays"),
        ("weekly", "Once a week"),
        ("monthly", "Once a month"),
        ("hourly", "Every hour"),
        ("hours", "Every few hours"),
        ("custom", "By cron text"),
    ];

    pub fn key(self) -> &'static str {
        match self {
            Self::Daily { .. } => "daily",
            Self::Weekdays { .. } => "weekdays",
            Self::Weekly { .. } => "weekly",
            Self::Monthly { .. } => "monthly",
            Self::Hourly { .. } => "hourly",
            Self::Hours { .. } => "hours",
            Self::Custom => "custom",
        }
    }

    /// What a cron text says, when it is one of the presets.
    pub fn read(cron: &str) -> Self {
        let parts: Vec<&str> = cron.split_whitespace().collect();
        let [minute, hour, date, "*", weekday] = parts.as_slice() else { return Self::Custom };
        let number = |text: &str, max: u8| {
            text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u8>().ok()).flatten().filter(|n| *n <= max)
        };
        let step = || hour.strip_prefix("*/").and_then(|n| number(n, 12)).filter(|n| STEPS.contains(n));
        match (number(minute, 59), number(hour, 23), *date, *weekday) {
            (Some(minute), None, "*", "*") if *hour == "*" => Self::Hourly { minute },
            (Some(minute), None, "*", "*") => step().map_or(Self::Custom, |step| Self::Hours { step, minute }),
            (Some(minute), Some(hour), "*", "*") => Self::Daily { hour, minute },
            (Some(minute), Some(hour), "*", "1-5" | "MON-FRI" | "mon-fri") => Self::Weekdays { hour, minute },
            (Some(minute), Some(hour), "*", day) => match number(day, 6) {
                Some(day) => Self::Weekly { day, hour, minute },
                None => Self::Custom,
            },
            (Some(minute), Some(hour), day, "*") => match number(day, LAST_DAY).filter(|day| *day > 0) {
                Some(day) => Self::Monthly { day, hour, minute },
                None => Self::Custom,
            },
            _ => Self::Custom,
        }
    }

    /// The cron text; `None` for what is written by hand.
    pub fn cron(self) -> Option<String> {
        match self {
            Self::Daily { hour, minute } => Some(format!("{minute} {hour} * * *")),
            Self::Weekdays { hour, minute } => Some(format!("{minute} {hour} * * 1-5")),
            Self::Weekly { day, hour, minute } => Some(format!("{minute} {hour} * * {day}")),
            Self::Monthly { day, hour, minute } => Some(format!("{minute} {hour} {day} * *")),
            Self::Hourly { minute } => Some(format!("{minute} * * * *")),
            Self::Hours { step, minute } => Some(format!("{minute} */{step} * * *")),
            Self::Custom => None,
        }
    }

    /// This kind of preset, with the time of day that the old one had, or 02:30: most nights are quiet then, and it is
    /// not the full hour, at which everything else begins.
    pub fn of_kind(key: &str, old: Self) -> Self {
        let (hour, minute) = match old {
            Self::Daily { hour, minute }
            | Self::Weekdays { hour, minute }
            | Self::Weekly { hour, minute, .. }
            | Self::Monthly { hour, minute, .. } => (hour, minute),
            Self::Hourly { minute } | Self::Hours { minute, .. } => (2, minute),
            Self::Custom => (2, 30),
        };
        match key {
            "daily" => Self::Daily { hour, minute },
            "weekdays" => Self::Weekdays { hour, minute },
            "weekly" => Self::Weekly { day: 0, hour, minute },
            "monthly" => Self::Monthly { day: 1, hour, minute },
            "hourly" => Self::Hourly { minute },
            "hours" => Self::Hours { step: 6, minute },
            _ => Self::Custom,
        }
    }

    /// The same on another day of the week or month, in steps of other hours, at another minute of the hour: whichever
    /// of these numbers it has beside a time of day. Unchanged for a number that it can't have.
    #[must_use]
    pub fn with(self, number: u8) -> Self {
        match self {
            Self::Weekly { hour, minute, .. } if number < 7 => Self::Weekly { day: number, hour, minute },
            Self::Monthly { hour, minute, .. } if (1..=LAST_DAY).contains(&number) => {
                Self::Monthly { day: number, hour, minute }
            }
            Self::Hours { minute, .. } if STEPS.contains(&number) => Self::Hours { step: number, minute },
            other => other,
        }
    }

    /// The number that [`Self::with`] sets.
    pub fn number(self) -> Option<u8> {
        match self {
            Self::Weekly { day, .. } | Self::Monthly { day, .. } => Some(day),
            Self::Hours { step, .. } => Some(step),
            _ => None,
        }
    }

    /// The same at another time of day, `HH:MM`; unchanged for a text that is none.
    #[must_use]
    pub fn at(self, time: &str) -> Self {
        let Some((h, m)) = time.split_once(':') else { return self };
        let (Ok(h), Ok(m)) = (h.trim().parse::<u8>(), m.trim().parse::<u8>()) else { return self };
        if h > 23 || m > 59 {
            return self;
        }
        match self {
            Self::Daily { .. } => Self::Daily { hour: h, minute: m },
            Self::Weekdays { .. } => Self::Weekdays { hour: h, minute: m },
            Self::Weekly { day, .. } => Self::Weekly { day, hour: h, minute: m },
            Self::Monthly { day, .. } => Self::Monthly { day, hour: h, minute: m },
            other => other,
        }
    }

    /// `02:30`; nothing for what has no time of day.
    pub fn time(self) -> Option<String> {
        match self {
            Self::Daily { hour, minute }
            | Self::Weekdays { hour, minute }
            | Self::Weekly { hour, minute, .. }
            | Self::Monthly { hour, minute, .. } => Some(format!("{hour:02}:{minute:02}")),
            Self::Hourly { .. } | Self::Hours { .. } | Self::Custom => None,
        }
    }

    /// The same at another minute of the hour; unchanged for what has a time of day.
    #[must_use]
    pub fn at_minute(self, minute: u8) -> Self {
        match self {
            Self::Hourly { .. } if minute < 60 => Self::Hourly { minute },
            Self::Hours { step, .. } if minute < 60 => Self::Hours { step, minute },
            other => other,
        }
    }

    /// The minute of the hour, of what has no time of day.
    pub fn minute(self) -> Option<u8> {
        match self {
            Self::Hourly { minute } | Self::Hours { minute, .. } => Some(minute),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_round_trip() {
        for preset in [
            Preset::Daily { hour: 2, minute: 30 },
            Preset::Weekdays { hour: 20, minute: 0 },
            Preset::Weekly { day: 6, hour: 0, minute: 5 },
            Preset::Monthly { day: 1, hour: 4, minute: 30 },
            Preset::Monthly { day: LAST_DAY, hour: 23, minute: 59 },
            Preset::Hourly { minute: 10 },
            Preset::Hours { step: 6, minute: 30 },
        ] {
            let cron = preset.cron().expect("a preset has a text");
            assert_eq!(Preset::read(&cron), preset, "{cron}");
            assert!(model::cron::parse(&cron).is_ok(), "{cron}");
        }
    }

    #[test]
    fn everything_else_is_custom() {
        for cron in [
            "",
            "@daily",
            "*/5 * * * *",
            "0 0 31 * *",
            "0 0 0 * *",
            "0 0 1 * 1",
            "0 0 1 1 *",
            "0 */5 * * *",
            "0 */1 * * *",
            "0 25 * * *",
            "60 1 * * *",
            "+1 1 * * *",
            "0 1 * * 7",
            "0 1 * * 1,2",
        ] {
            assert_eq!(Preset::read(cron), Preset::Custom, "{cron}");
        }
    }

    #[test]
    fn another_kind_keeps_the_time() {
        let daily = Preset::Daily { hour: 4, minute: 15 };
        assert_eq!(Preset::of_kind("weekly", daily).cron().as_deref(), Some("15 4 * * 0"));
        assert_eq!(Preset::of_kind("monthly", daily).cron().as_deref(), Some("15 4 1 * *"));
        assert_eq!(Preset::of_kind("hours", daily).cron().as_deref(), Some("15 */6 * * *"));
        assert_eq!(Preset::of_kind("daily", Preset::Custom).cron().as_deref(), Some("30 2 * * *"));
        assert_eq!(daily.at("23:59").time().as_deref(), Some("23:59"));
        assert_eq!(daily.at("24:00"), daily);
        assert_eq!(daily.at(""), daily);
    }

    #[test]
    fn numbers_that_it_can_not_have_change_nothing() {
        let monthly = Preset::Monthly { day: 1, hour: 4, minute: 0 };
        assert_eq!(monthly.with(15).number(), Some(15));
        assert_eq!((monthly.with(0), monthly.with(29)), (monthly, monthly));
        let weekly = Preset::Weekly { day: 0, hour: 4, minute: 0 };
        assert_eq!((weekly.with(6).number(), weekly.with(7)), (Some(6), weekly));
        let hours = Preset::Hours { step: 6, minute: 0 };
        assert_eq!((hours.with(12).number(), hours.with(5)), (Some(12), hours));
        assert_eq!((hours.at_minute(59).minute(), hours.at_minute(60)), (Some(59), hours));
        assert_eq!(weekly.at_minute(7), weekly);
    }
}
