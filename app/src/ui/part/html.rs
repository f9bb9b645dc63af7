//! Parts as the server writes them.

use super::{Drawn, Element, Kind, Part, Value, Words};

/// Elements that have no inside and no end tag.
const VOID: [&str; 5] = ["input", "br", "hr", "img", "link"];

/// Appends the part's markup.
pub(super) fn write(part: Part, out: &mut String) {
    match part.0 {
        Kind::Nothing => {}
        Kind::Text(text) => escape(&text, out),
        Kind::Element(element) => element_html(*element, out),
        Kind::Many(parts) => parts.into_iter().for_each(|part| write(part, out)),
        Kind::Live(draw) => {
            if let Drawn::Anew(part) = draw.read() {
                write(part, out);
            }
        }
        Kind::Each(keys, draw) => keys.read().iter().for_each(|key| write(draw(key), out)),
        #[cfg(feature = "ssr")]
        Kind::View(view) => out.push_str(&leptos::prelude::RenderHtml::to_html(view)),
    }
}

fn element_html(element: Element, out: &mut String) {
    let Element { tag, attributes, inside, .. } = element;
    out.push('<');
    out.push_str(tag);
    let mut typed = None;
    for (name, value) in attributes {
        let Some(text) = now(value) else { continue };
        // A textarea's value is what stands in it.
        if tag == "textarea" && name == "value" {
            typed = Some(text);
            continue;
        }
        out.push(' ');
        out.push_str(name);
        if !text.is_empty() || !BARE.contains(&name) {
            out.push_str("=\"");
            escape(&text, out);
            out.push('"');
        }
    }
    out.push('>');
    if VOID.contains(&tag) {
        return;
    }
    if let Some(text) = typed {
        // The browser drops one leading line break.
        if text.starts_with('\n') {
            out.push('\n');
        }
        escape(&text, out);
    }
    inside.into_iter().for_each(|part| write(part, out));
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
}

/// Attributes whose mere presence is the value.
const BARE: [&str; 9] =
    ["checked", "selected", "disabled", "inert", "required", "autofocus", "multiple", "open", "hidden"];

fn now(value: Value) -> Option<Words> {
    match value {
        Value::Still(text) => text,
        Value::Live(text) => text.read(),
    }
}

/// Text as it may stand between tags and in a quoted attribute.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;

    fn html(part: impl Into<Part>) -> String {
        let mut out = String::new();
        super::write(part.into(), &mut out);
        out
    }

    #[test]
    fn text_can_not_become_markup() {
        assert_eq!(html(p("").put("a < b & \"c\"")), "<p>a &lt; b &amp; &quot;c&quot;</p>");
        assert_eq!(html(el("a").attr("href", "\"><script>".to_owned())), "<a href=\"&quot;&gt;&lt;script&gt;\"></a>");
        assert_eq!(
            html(el("textarea").attr("value", "</textarea><b>".to_owned())),
            "<textarea>&lt;/textarea&gt;&lt;b&gt;</textarea>"
        );
        assert_eq!(html(el("textarea").attr("value", "\na")), "<textarea>\n\na</textarea>");
    }

    #[test]
    fn absent_attributes_are_not_written() {
        let input = el("input")
            .id("a")
            .class("")
            .attr("checked", true)
            .attr("disabled", false)
            .attr("name", None::<String>)
            .live("value", || "v")
            .attr("alt", "");
        assert_eq!(html(input), "<input id=\"a\" checked value=\"v\" alt=\"\">");
    }

    #[test]
    fn pieces_stand_in_order() {
        let list = el("ul").put(each(|| vec!["a".into(), "b".into()], |key| el("li").put(key.to_owned()).into()));
        assert_eq!(html(list), "<ul><li>a</li><li>b</li></ul>");
        assert_eq!(html(div("x").put(["a", "b"]).put(None::<El>).put(live(|| "c"))), "<div class=\"x\">abc</div>");
    }
}
