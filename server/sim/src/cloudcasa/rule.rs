//! What a field may hold: the part of Cerberus that Eve's schemas are written in.

/// The values a field takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    Text,
    /// A text with a least and greatest length.
    Sized(usize, usize),
    Integer,
    /// An integer with a least and greatest value.
    Within(i64, i64),
    Boolean,
    /// An object with any keys.
    Map,
    List(&'static Self),
    Dict(&'static [Field]),
    /// 24 hex digits that refer to nothing here.
    ObjectId,
    /// The id of a document of that resource.
    Reference(&'static str),
    Word(&'static [&'static str]),
}

/// What a field gets that was left out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Preset {
    None,
    Truth(bool),
    Number(i64),
    Text(&'static str),
    Empty,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) rule: Rule,
    pub(super) required: bool,
    /// The server's own: a client may repeat it but not change it.
    pub(super) read_only: bool,
    pub(super) nullable: bool,
    pub(super) preset: Preset,
}

pub(super) const fn field(name: &'static str, rule: Rule) -> Field {
    Field { name, rule, required: false, read_only: false, nullable: false, preset: Preset::None }
}

impl Field {
    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    pub(super) const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    pub(super) const fn or(mut self, preset: Preset) -> Self {
        self.preset = preset;
        self
    }
}

/// `name`, and what the server keeps about it: as most resources have them.
pub(super) const NAME: Field = field("name", Rule::Sized(1, 128)).required();
pub(super) const OWNER: Field = field("cc_user_email", Rule::Text).read_only();
pub(super) const ORG: Field = field("org_id", Rule::ObjectId).read_only();
pub(super) const TAGS: Field = field("tags", Rule::Map);
pub(super) const STATUS: Field = field("status", Rule::Map).read_only();
