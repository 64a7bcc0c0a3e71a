// SPDX-License-Identifier: MIT

//! What a component says of itself: used for checking, OpenAPI, forms, help and cache keys.

use crate::numbers::{Parts, Type};
use crate::report::text_of;
use crate::sys::*;

/// A column, or a named scalar: `const RSI: Field = Field::real("rsi").label("RSI").unit("%");`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Field<'a> {
    pub name: &'a str,
    pub type_of: Type,
    /// Of a decimal.
    pub scale: i32,
    pub label: Option<&'a str>,
    pub unit: Option<&'a str>,
    pub doc: Option<&'a str>,
    pub format: Option<&'a str>,
    pub flags: u32,
}

impl<'a> Field<'a> {
    pub const fn new(name: &'a str, type_of: Type) -> Field<'a> {
        Field { name, type_of, scale: 0, label: None, unit: None, doc: None, format: None, flags: 0 }
    }
    pub const fn real(name: &'a str) -> Field<'a> {
        Field::new(name, Type::F64)
    }
    pub const fn integer(name: &'a str) -> Field<'a> {
        Field::new(name, Type::I64)
    }
    pub const fn text(name: &'a str) -> Field<'a> {
        Field::new(name, Type::TEXT)
    }
    pub const fn time(name: &'a str) -> Field<'a> {
        Field::new(name, Type::TIME)
    }
    pub const fn boolean(name: &'a str) -> Field<'a> {
        Field::new(name, Type::BOOL)
    }
    /// With at least so many decimals.
    pub const fn decimal(name: &'a str, scale: i32) -> Field<'a> {
        let mut field = Field::new(name, Type::DECIMAL);
        field.scale = scale;
        field
    }
    /// One of the well-known datasets': `Field::of(&market::CANDLES_CLOSE)`.
    pub fn of(known: &'static Constant<bourse_field>) -> Field<'static> {
        // SAFETY: a constant of this crate.
        unsafe { Field::from_wire(&known.0) }
    }
    pub const fn label(mut self, text: &'a str) -> Field<'a> {
        self.label = Some(text);
        self
    }
    /// "%", "s", "USDT"; "{quote}": what the report's meta `quote` says.
    pub const fn unit(mut self, text: &'a str) -> Field<'a> {
        self.unit = Some(text);
        self
    }
    pub const fn doc(mut self, text: &'a str) -> Field<'a> {
        self.doc = Some(text);
        self
    }
    /// Meaning beyond the type: "date", "duration", "percent", "hex".
    pub const fn format(mut self, meaning: &'a str) -> Field<'a> {
        self.format = Some(meaning);
        self
    }
    /// Of a dataset: a source may leave it out, an analysis goes on without it. Of what an analysis returns: it is not
    /// in every report.
    pub const fn optional(mut self) -> Field<'a> {
        self.flags |= BOURSE_FIELD_OPTIONAL;
        self
    }
    /// # Safety
    /// The host's, or a constant; its texts last for `'a`.
    pub(crate) unsafe fn from_wire(wire: &bourse_field) -> Field<'a> {
        // SAFETY: the caller's promise.
        unsafe {
            Field {
                name: text_of(wire.name).unwrap_or(""),
                type_of: Type(wire.r#type),
                scale: wire.scale,
                label: text_of(wire.label),
                unit: text_of(wire.unit),
                doc: text_of(wire.doc),
                format: text_of(wire.format),
                flags: wire.flags,
            }
        }
    }
}

/// A parameter: `Param::integer("limit").doc("Rows shown.").default("100").bounds("1", "1000")`.
#[derive(Clone, Debug)]
pub struct Param {
    pub(crate) name: &'static str,
    pub(crate) type_of: Type,
    pub(crate) item: Type,
    pub(crate) flags: u32,
    pub(crate) label: Option<&'static str>,
    pub(crate) doc: Option<&'static str>,
    pub(crate) unit: Option<&'static str>,
    pub(crate) default: Option<&'static str>,
    pub(crate) bounds: (Option<&'static str>, Option<&'static str>),
    pub(crate) choices: Vec<&'static str>,
}

impl Param {
    pub fn new(name: &'static str, type_of: Type) -> Param {
        Param {
            name,
            type_of,
            item: Type::NULL,
            flags: 0,
            label: None,
            doc: None,
            unit: None,
            default: None,
            bounds: (None, None),
            choices: Vec::new(),
        }
    }
    pub fn text(name: &'static str) -> Param {
        Param::new(name, Type::TEXT)
    }
    pub fn integer(name: &'static str) -> Param {
        Param::new(name, Type::I64)
    }
    pub fn real(name: &'static str) -> Param {
        Param::new(name, Type::F64)
    }
    pub fn boolean(name: &'static str) -> Param {
        Param::new(name, Type::BOOL)
    }
    pub fn time(name: &'static str) -> Param {
        Param::new(name, Type::TIME)
    }
    pub fn decimal(name: &'static str) -> Param {
        Param::new(name, Type::DECIMAL)
    }
    /// `?s=A&s=B` and `?s=A,B` are the same.
    pub fn list(name: &'static str, item: Type) -> Param {
        let mut param = Param::new(name, Type::LIST);
        param.item = item;
        param
    }
    /// One of the well-known datasets': `Param::of(&market::CANDLES_PARAM_SYMBOL)`.
    pub fn of(known: &'static Constant<bourse_param>) -> Param {
        let wire = &known.0;
        let mut choices = Vec::new();
        // SAFETY: a constant of this crate; its choices end with NULL.
        unsafe {
            let mut at = wire.choices;
            while !at.is_null() && !(*at).is_null() {
                choices.extend(text_of(*at));
                at = at.add(1);
            }
            Param {
                name: text_of(wire.name).unwrap_or(""),
                type_of: Type(wire.r#type),
                item: Type(wire.item),
                flags: wire.flags,
                label: text_of(wire.label),
                doc: text_of(wire.doc),
                unit: text_of(wire.unit),
                default: text_of(wire.def),
                bounds: (text_of(wire.min), text_of(wire.max)),
                choices,
            }
        }
    }
    pub fn name(&self) -> &'static str {
        self.name
    }
    pub fn required(mut self) -> Param {
        self.flags |= BOURSE_PARAM_REQUIRED;
        self
    }
    /// Never logged, in no cache key, on no page.
    pub fn secret(mut self) -> Param {
        self.flags |= BOURSE_PARAM_SECRET;
        self
    }
    /// Of a dataset, in an analysis: not sent to a source that does not know it.
    pub fn optional(mut self) -> Param {
        self.flags |= BOURSE_PARAM_OPTIONAL;
        self
    }
    pub fn label(mut self, text: &'static str) -> Param {
        self.label = Some(text);
        self
    }
    pub fn doc(mut self, text: &'static str) -> Param {
        self.doc = Some(text);
        self
    }
    pub fn unit(mut self, text: &'static str) -> Param {
        self.unit = Some(text);
        self
    }
    /// As text, read by its type; a list's is comma separated.
    pub fn default(mut self, text: &'static str) -> Param {
        self.default = Some(text);
        self
    }
    /// Inclusive; of the bytes of a text, of the count of a list. Empty: none.
    pub fn bounds(mut self, low: &'static str, high: &'static str) -> Param {
        let bound = |text: &'static str| if text.is_empty() { None } else { Some(text) };
        self.bounds = (bound(low), bound(high));
        self
    }
    /// The legal values, of a list its legal items.
    pub fn one_of(mut self, values: &[&'static str]) -> Param {
        self.choices = values.to_vec();
        self
    }
}

/// A dataset that a source delivers, or that a layer changes.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub(crate) name: &'static str,
    pub(crate) doc: Option<&'static str>,
    pub(crate) flags: u32,
    pub(crate) params: Vec<Param>,
    pub(crate) fields: Vec<Field<'static>>,
}

impl Dataset {
    /// One of your own; the well-known ones come from `of`.
    pub fn new(name: &'static str, doc: &'static str) -> Dataset {
        Dataset { name, doc: Some(doc), flags: 0, params: Vec::new(), fields: Vec::new() }
    }
    /// A well-known one, with all its parameters and columns: `Dataset::of(&market::CANDLES)`.
    pub fn of(known: &'static Constant<bourse_dataset>) -> Dataset {
        let wire = &known.0;
        // SAFETY: a constant of this crate, made of others.
        unsafe {
            let params = items(wire.params, wire.n_params).iter();
            let fields = items(wire.fields, wire.n_fields).iter();
            Dataset {
                name: text_of(wire.name).unwrap_or(""),
                doc: text_of(wire.doc),
                flags: wire.flags,
                params: params.map(|param| Param::of(&*(*param).cast::<Constant<bourse_param>>())).collect(),
                fields: fields.map(|field| Field::from_wire(&**field)).collect(),
            }
        }
    }
    pub fn name(&self) -> &'static str {
        self.name
    }
    pub fn params(&self) -> &[Param] {
        &self.params
    }
    pub fn fields(&self) -> &[Field<'static>] {
        &self.fields
    }
    pub fn param(mut self, param: Param) -> Dataset {
        self.params.push(param);
        self
    }
    pub fn field(mut self, field: Field<'static>) -> Dataset {
        self.fields.push(field);
        self
    }
    /// Without the columns that this source does not know. Only those that are optional may be missing.
    pub fn without(mut self, names: &[&str]) -> Dataset {
        self.fields.retain(|field| !names.contains(&field.name));
        self
    }
    /// One person's own: only for routes with `access`, and for the command line.
    pub fn private(mut self) -> Dataset {
        self.flags |= BOURSE_DATASET_PRIVATE;
        self
    }
}

/// A dataset that an analysis asks for, and the columns it reads: any source will do that has these.
#[derive(Clone, Debug)]
pub struct Reads(pub(crate) Dataset);

impl Reads {
    /// Of the well-known ones: `Reads::of(&market::CANDLES).columns(&[&market::CANDLES_CLOSE])`.
    pub fn of(known: &'static Constant<bourse_dataset>) -> Reads {
        let mut dataset = Dataset::of(known);
        dataset.fields.clear();
        Reads(dataset)
    }
    /// Of a source's own.
    pub fn from(dataset: Dataset) -> Reads {
        Reads(dataset)
    }
    /// It is asked for no more than these.
    pub fn columns(mut self, columns: &[&'static Constant<bourse_field>]) -> Reads {
        self.0.fields.extend(columns.iter().map(|column| Field::of(column)));
        self
    }
    /// It goes on without these.
    pub fn columns_if(mut self, columns: &[&'static Constant<bourse_field>]) -> Reads {
        self.0.fields.extend(columns.iter().map(|column| Field::of(column).optional()));
        self
    }
    /// It goes on without the whole dataset.
    pub fn optional(mut self) -> Reads {
        self.0.flags |= BOURSE_DATASET_OPTIONAL;
        self
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ReturnedTable {
    pub name: &'static str,
    pub label: &'static str,
    pub flags: u32,
    pub fields: Vec<Field<'static>>,
}

/// What a component says of itself. Made once, when the library is loaded, and once for each instance.
#[derive(Clone, Debug)]
pub struct About {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) doc: Option<&'static str>,
    pub(crate) parts: Parts,
    pub(crate) flags: u32,
    pub(crate) media_type: Option<&'static str>,
    pub(crate) suffix: Option<&'static str>,
    pub(crate) params: Vec<Param>,
    pub(crate) config: Vec<Param>,
    pub(crate) datasets: Vec<Dataset>,
    pub(crate) scalars: Vec<Field<'static>>,
    pub(crate) tables: Vec<ReturnedTable>,
}

impl About {
    /// `id`: `[a-z][a-z0-9-]*`, what routes call it by.
    pub fn new(id: &'static str, title: &'static str) -> About {
        About {
            id,
            title,
            doc: None,
            parts: Parts::NONE,
            flags: 0,
            media_type: None,
            suffix: None,
            params: Vec::new(),
            config: Vec::new(),
            datasets: Vec::new(),
            scalars: Vec::new(),
            tables: Vec::new(),
        }
    }
    /// A paragraph for people.
    pub fn doc(mut self, text: &'static str) -> About {
        self.doc = Some(text);
        self
    }
    /// What it emits or, a serializer, can show.
    pub fn parts(mut self, parts: Parts) -> About {
        self.parts = parts;
        self
    }
    /// It reads nothing but its configuration, its parameters, its answers and `now`.
    pub fn pure(mut self) -> About {
        self.flags |= BOURSE_COMPONENT_PURE;
        self
    }
    /// It waits for I/O: the host uses its waiting threads, not its computing ones.
    pub fn blocking(mut self) -> About {
        self.flags |= BOURSE_COMPONENT_BLOCKING;
        self
    }
    /// An analysis whose reports may hold more than it declares.
    pub fn open(mut self) -> About {
        self.flags |= BOURSE_COMPONENT_OPEN;
        self
    }
    /// Of a serializer: "text/csv; charset=utf-8", "csv".
    pub fn media_type(mut self, media_type: &'static str, suffix: &'static str) -> About {
        self.media_type = Some(media_type);
        self.suffix = Some(suffix);
        self
    }
    /// Of a request; a source's are those of its datasets.
    pub fn param(mut self, param: Param) -> About {
        self.params.push(param);
        self
    }
    /// Of the YAML file.
    pub fn setting(mut self, param: Param) -> About {
        self.config.push(param);
        self
    }
    /// What a source delivers.
    pub fn dataset(mut self, dataset: Dataset) -> About {
        self.datasets.push(dataset);
        self
    }
    /// What an analysis asks for.
    pub fn reads(mut self, reads: Reads) -> About {
        self.datasets.push(reads.0);
        self
    }
    /// What an analysis' reports hold, told beforehand for OpenAPI and checks.
    pub fn scalar(mut self, field: Field<'static>) -> About {
        self.scalars.push(field);
        self
    }
    pub fn table(mut self, name: &'static str, label: &'static str, fields: &[Field<'static>]) -> About {
        self.tables.push(ReturnedTable { name, label, flags: 0, fields: fields.to_vec() });
        self
    }
    /// The table told last is not in every report.
    pub fn table_optional(self) -> About {
        self.table_flag(BOURSE_TABLE_OPTIONAL)
    }
    /// It may have more columns than these, by parameters or data.
    pub fn table_open(self) -> About {
        self.table_flag(BOURSE_TABLE_OPEN)
    }
    fn table_flag(mut self, flag: u32) -> About {
        self.tables.last_mut().expect("table_optional and table_open follow a table").flags |= flag;
        self
    }
}
