//! The time zone of a schedule: typed, with the server's zones to choose from.

use crate::ui::{
    framed,
    part::{Part, Said, el, parts},
    plain_input,
};

/// Why a text is no zone; nothing while it may be one.
pub fn unknown(zone: &str, zones: &[String]) -> Option<String> {
    let zone = zone.trim();
    (!zone.is_empty() && !zones.is_empty() && !zones.iter().any(|known| known == zone))
        .then(|| format!("“{zone}” is no zone that this server knows; choose one of the list, such as Europe/Zurich."))
}

/// The field `zone`. `off`: whether it can't be chosen, which `help` then says.
pub fn zone_field(
    zones: Vec<String>,
    off: bool,
    now: impl Fn() -> String + Send + Sync + 'static,
    typed: impl Fn(String) + Send + Sync + 'static,
    left: impl Fn() + Send + Sync + 'static,
    error: Said,
    help: Said,
) -> Part {
    let typed = move |text: String| typed(text.trim().to_owned());
    let input = plain_input("zone", now, typed, error.clone(), help.clone())
        .attr("list", "zones")
        .attr("placeholder", "the system's own")
        .attr("disabled", off)
        .on("blur", move |_| left());
    let list = el("datalist").id("zones").put(parts(zones.into_iter().map(|zone| el("option").attr("value", zone))));
    framed("zone", "Time zone", false, "", [input, list], error, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_zones_are_zones() {
        let zones = ["Europe/Zurich".to_owned(), "UTC".to_owned()];
        assert_eq!(unknown(" UTC ", &zones), None);
        assert_eq!(unknown("", &zones), None, "the system's own");
        assert_eq!(unknown("Mars/Olympus", &[]), None, "nobody knows them");
        assert!(unknown("Mars/Olympus", &zones).is_some_and(|why| why.contains("Mars/Olympus")));
    }
}
