//! Parts in the browser, and as a view among other views.

use super::{Drawn, Element, Kind, Part, Read, Value, html};
use leptos::{
    ev::Event,
    prelude::*,
    tachys::{
        html::attribute::any_attribute::AnyAttribute,
        hydration::Cursor,
        no_attrs,
        view::{Mountable, Position, PositionState, Render, RenderHtml},
    },
    wasm_bindgen::{JsCast, JsValue, prelude::Closure},
};
use std::{cell::RefCell, rc::Rc};
use web_sys::{Element as DomElement, Node};

/// What stands in the document for a part. It ends where its `end` stands, which is always there.
pub struct Stood {
    /// Roots in the order of the document, the last one included.
    roots: Roots,
    /// Effects, listeners and what is inside: they end with this.
    _held: Vec<Held>,
}

enum Roots {
    One(Node),
    Many(Vec<Stood>, Node),
    Live(Rc<RefCell<(Stood, Owner)>>, Node),
    Each(Rc<RefCell<Vec<Row>>>, Node),
}

/// One element of a list, with the owner of what was made for it.
struct Row {
    key: String,
    stood: Stood,
    owner: Owner,
}

#[expect(dead_code, reason = "held, not read: each ends when it is dropped")]
enum Held {
    Effect(RenderEffect<()>),
    Inside(Vec<Stood>),
    Heard(Heard),
}

/// A listener that is taken off before its closure goes: removing a focused field makes it tell that it was left.
struct Heard {
    on: DomElement,
    event: &'static str,
    act: Closure<dyn Fn(Event)>,
}

impl Drop for Heard {
    fn drop(&mut self) {
        let _ = self.on.remove_event_listener_with_callback(self.event, self.act.as_ref().unchecked_ref());
    }
}

fn blank() -> Node {
    document().create_text_node("").into()
}

fn before(node: &Node, marker: &Node) {
    if let Some(parent) = marker.parent_node() {
        let _ = parent.insert_before(node, Some(marker));
    }
}

fn detach(node: &Node) {
    if let Some(parent) = node.parent_node() {
        let _ = parent.remove_child(node);
    }
}

impl Stood {
    fn one(node: Node) -> Self {
        Self { roots: Roots::One(node), _held: Vec::new() }
    }

    /// Calls `visit` with each root in order.
    fn visit(&self, visit: &mut dyn FnMut(&Node)) {
        let end = match &self.roots {
            Roots::One(node) => node,
            Roots::Many(parts, end) => {
                parts.iter().for_each(|part| part.visit(visit));
                end
            }
            Roots::Live(inside, end) => {
                inside.borrow().0.visit(visit);
                end
            }
            Roots::Each(rows, end) => {
                rows.borrow().iter().for_each(|row| row.stood.visit(visit));
                end
            }
        };
        visit(end);
    }

    fn first(&self) -> Option<Node> {
        let mut first = None;
        self.visit(&mut |node| {
            if first.is_none() {
                first = Some(node.clone());
            }
        });
        first
    }

    fn insert_before(&self, marker: &Node) {
        self.visit(&mut |node| before(node, marker));
    }

    fn append_to(&self, parent: &Node) {
        self.visit(&mut |node| {
            let _ = parent.append_child(node);
        });
    }

    fn detach(&self) {
        self.visit(&mut |node| detach(node));
    }
}

fn build(part: Part) -> Stood {
    match part.0 {
        Kind::Nothing => Stood::one(blank()),
        Kind::Text(text) => Stood::one(document().create_text_node(&text).into()),
        Kind::Element(element) => build_element(*element),
        Kind::Many(parts) => {
            Stood { roots: Roots::Many(parts.into_iter().map(build).collect(), blank()), _held: Vec::new() }
        }
        Kind::Live(draw) => build_live(draw),
        Kind::Each(keys, draw) => build_each(keys, draw),
        #[cfg(feature = "ssr")]
        Kind::View(_) => Stood::one(blank()),
    }
}

fn build_element(element: Element) -> Stood {
    let Element { tag, attributes, listeners, inside } = element;
    let Ok(made) = document().create_element(tag) else { return Stood::one(blank()) };
    let mut held = Vec::with_capacity(attributes.len() + listeners.len() + 1);
    // What is inside comes first: a chosen option must be there before its select is asked.
    let inside: Vec<Stood> = inside.into_iter().map(build).collect();
    inside.iter().for_each(|part| part.append_to(&made));
    held.push(Held::Inside(inside));
    for (name, value) in attributes {
        match value {
            Value::Still(text) => set(&made, name, text.as_deref()),
            Value::Live(text) => {
                let made = made.clone();
                held.push(Held::Effect(RenderEffect::new(move |_| set(&made, name, text.read().as_deref()))));
            }
        }
    }
    for (event, act) in listeners {
        let act = Closure::<dyn Fn(Event)>::new(move |event| untrack(|| act.hear(event)));
        let _ = made.add_event_listener_with_callback(event, act.as_ref().unchecked_ref());
        held.push(Held::Heard(Heard { on: made.clone(), event, act }));
    }
    Stood { roots: Roots::One(made.into()), _held: held }
}

/// Sets or removes an attribute, and the property where the two part ways once somebody typed or chose.
fn set(on: &DomElement, name: &str, text: Option<&str>) {
    let property = match name {
        "value" if on.tag_name() != "OPTION" => {
            let text = JsValue::from_str(text.unwrap_or_default());
            // A text that is there already is not set again: the caret would move to its end.
            let same = js_sys::Reflect::get(on, &JsValue::from_str(name)).is_ok_and(|there| there == text);
            (!same).then_some(text)
        }
        "checked" | "selected" => Some(JsValue::from_bool(text.is_some())),
        _ => None,
    };
    if let Some(property) = property {
        let _ = js_sys::Reflect::set(on, &JsValue::from_str(name), &property);
    }
    if name == "value" && matches!(on.tag_name().as_str(), "TEXTAREA" | "SELECT") {
        return;
    }
    let _ = match text {
        Some(text) => on.set_attribute(name, text),
        None => on.remove_attribute(name),
    };
}

fn build_live(draw: Box<dyn Read<Drawn>>) -> Stood {
    let end = blank();
    // What is drawn owns its values: the effect's own owner forgets what it held with each run.
    let above = Owner::current().unwrap_or_default();
    let inside = Rc::new(RefCell::new((Stood::one(blank()), above.child())));
    let effect = RenderEffect::new({
        let (end, inside) = (end.clone(), inside.clone());
        move |before: Option<()>| {
            let owner = above.child();
            let Drawn::Anew(part) = owner.with(|| draw.read()) else { return };
            let new = owner.with(|| untrack(|| build(part)));
            if before.is_some() {
                new.insert_before(&end);
                inside.borrow().0.detach();
            }
            let (gone, its_owner) = inside.replace((new, owner));
            drop(gone);
            its_owner.cleanup();
        }
    });
    Stood { roots: Roots::Live(inside, end), _held: vec![Held::Effect(effect)] }
}

fn build_each(keys: Box<dyn Read<Vec<String>>>, draw: Box<dyn Fn(&str) -> Part + Send>) -> Stood {
    let end = blank();
    let rows = Rc::new(RefCell::new(Vec::<Row>::new()));
    // Each row's signals belong to the row: the effect's own owner forgets what it held with each run.
    let above = Owner::current().unwrap_or_default();
    let effect = RenderEffect::new({
        let (end, rows) = (end.clone(), rows.clone());
        move |before: Option<()>| {
            let keys = keys.read();
            let mut old = std::mem::take(&mut *rows.borrow_mut());
            let mut new = Vec::with_capacity(keys.len());
            for key in keys {
                new.push(match old.iter().position(|row| row.key == key) {
                    Some(at) => old.remove(at),
                    None => {
                        let owner = above.child();
                        let stood = owner.with(|| untrack(|| build(draw(&key))));
                        Row { key, stood, owner }
                    }
                });
            }
            for gone in old {
                gone.stood.detach();
                drop(gone.stood);
                gone.owner.cleanup();
            }
            if before.is_some() {
                put_in_order(&new, &end);
            }
            *rows.borrow_mut() = new;
        }
    });
    Stood { roots: Roots::Each(rows, end), _held: vec![Held::Effect(effect)] }
}

/// Moves only what stands elsewhere than it should: a row that is moved loses the focus.
fn put_in_order(rows: &[Row], end: &Node) {
    let mut marker = end.clone();
    for row in rows.iter().rev() {
        let mut last = None;
        row.stood.visit(&mut |node| last = Some(node.clone()));
        if last.and_then(|node| node.next_sibling()).as_ref() != Some(&marker) {
            row.stood.insert_before(&marker);
        }
        if let Some(first) = row.stood.first() {
            marker = first;
        }
    }
}

/// In the browser: does something now and whenever a value that it read has changed, once the page stands. On the server
/// it does nothing.
pub fn follow(act: impl FnMut() + 'static) {
    follow_boxed(Box::new(act));
}

#[inline(never)]
fn follow_boxed(mut act: Box<dyn FnMut()>) {
    Effect::new(move |_: Option<()>| act());
}

/// Builds the part and gives it the place of the element with this id, for as long as the page is open. On the server
/// it does nothing.
pub fn take_place(id: &str, part: Part) {
    if cfg!(feature = "ssr") {
        return;
    }
    if let Some(sent) = document().get_element_by_id(id) {
        let stood = build(part);
        stood.insert_before(&sent);
        detach(&sent);
        std::mem::forget(stood);
    }
}

no_attrs!(Part);

impl Render for Part {
    type State = Stood;

    fn build(self) -> Stood {
        build(self)
    }

    fn rebuild(self, state: &mut Stood) {
        let new = build(self);
        if let Some(first) = state.first() {
            new.insert_before(&first);
        }
        state.detach();
        *state = new;
    }
}

impl RenderHtml for Part {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _extra_attrs: Vec<AnyAttribute>,
    ) {
        html::write(self, buf);
        *position = Position::NextChild;
    }

    /// The part must be one element: it takes the place of the one that the server sent.
    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Stood {
        match position.get() {
            Position::FirstChild => cursor.child(),
            Position::Current => {}
            _ => cursor.sibling(),
        }
        let sent = cursor.current();
        let stood = build(self);
        stood.insert_before(&sent);
        if let Some(first) = stood.first() {
            cursor.set(first);
        }
        detach(&sent);
        position.set(Position::NextChild);
        stood
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl Mountable for Stood {
    fn unmount(&mut self) {
        self.detach();
    }

    fn mount(&mut self, parent: &DomElement, marker: Option<&Node>) {
        match marker {
            Some(marker) => self.insert_before(marker),
            None => self.append_to(parent),
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let Some(first) = self.first() else { return false };
        let Some(parent) = first.parent_element() else { return false };
        child.mount(&parent, Some(&first));
        true
    }

    fn elements(&self) -> Vec<DomElement> {
        let mut found = Vec::new();
        self.visit(&mut |node| {
            if let Some(element) = node.dyn_ref::<DomElement>() {
                found.push(element.clone());
            }
        });
        found
    }
}
