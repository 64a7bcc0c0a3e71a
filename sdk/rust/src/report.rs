// SPDX-License-Identifier: MIT

//! Reports, read: by an analysis that asked a source, and by a serializer. Everything here borrows.

use std::ffi::CStr;
use std::os::raw::c_char;
use std::str;
use std::time::Duration;

use crate::decimal::Decimal;
use crate::declare::Field;
use crate::error::{Error, Result};
use crate::numbers::{ChartKind, Level, Role, Status, Type};
use crate::sys::*;
use crate::time::Time;
use crate::value::Value;

/// Of a description; nothing if it is NULL.
///
/// # Safety
/// NULL, or a text with a NUL at its end that lasts for `'a`.
pub(crate) unsafe fn text_of<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}
/// # Safety
/// Lasts for `'a`.
unsafe fn str_of<'a>(text: &bourse_str) -> &'a str {
    // SAFETY: the caller's promise. The host has checked it: what is not UTF-8 does not come.
    str::from_utf8(unsafe { text.bytes() }).unwrap_or("")
}

/// What a column holds: `i64`, `f64`, `bool`, `Time`, `Decimal` or `&str`.
pub trait Data<'a>: Sized {
    #[doc(hidden)]
    type Wire: 'a;
    #[doc(hidden)]
    const TYPE: Type;
    #[doc(hidden)]
    fn read(wire: &'a Self::Wire, scale: i32) -> Option<Self>;
}
macro_rules! data {
    ($($of:ty, $wire:ty, $type:ident => |$cell:ident, $scale:ident| $read:expr;)+) => {
        $(impl<'a> Data<'a> for $of {
            type Wire = $wire;
            const TYPE: Type = Type::$type;
            fn read($cell: &'a $wire, $scale: i32) -> Option<Self> {
                $read
            }
        })+
    };
}
data! {
    i64, i64, I64 => |cell, _scale| Some(*cell);
    f64, f64, F64 => |cell, _scale| Some(*cell);
    bool, u8, BOOL => |cell, _scale| Some(*cell != 0);
    Time, i64, TIME => |cell, _scale| Some(Time(*cell));
    Decimal, bourse_i128, DECIMAL => |cell, scale| Decimal::from_wire(*cell, scale);
    // SAFETY: it lasts as long as the column that holds it.
    &'a str, bourse_str, TEXT => |cell, _scale| str::from_utf8(unsafe { cell.bytes() }).ok();
}

/// A column, whose rows may have no value.
pub struct Column<'a, T: Data<'a>> {
    data: &'a [T::Wire],
    valid: Option<&'a [u8]>,
    scale: i32,
}
impl<'a, T: Data<'a>> Clone for Column<'a, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<'a, T: Data<'a>> Copy for Column<'a, T> {}

impl<'a, T: Data<'a>> Column<'a, T> {
    pub fn len(&self) -> usize {
        self.data.len()
    }
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }
    /// Nothing where the row has no value, and past the end.
    pub fn get(&self, row: usize) -> Option<T> {
        let there = self.valid.map_or(true, |bits| bits.get(row / 8).map_or(false, |byte| byte >> (row % 8) & 1 == 1));
        self.data.get(row).filter(|_| there).and_then(|cell| T::read(cell, self.scale))
    }
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Option<T>> + ExactSizeIterator + 'a
    where
        T: 'a,
    {
        let column = *self;
        (0..self.len()).map(move |row| column.get(row))
    }
    /// That all its values share.
    pub fn scale(&self) -> i32 {
        self.scale
    }
}
impl<'a> Column<'a, Decimal> {
    /// The nearest doubles; NaN where there is no value.
    pub fn to_f64(&self) -> Vec<f64> {
        self.iter().map(|value| value.map_or(f64::NAN, Decimal::to_f64)).collect()
    }
}
impl<'a, T: Data<'a> + 'a> IntoIterator for Column<'a, T> {
    type Item = Option<T>;
    type IntoIter = Box<dyn Iterator<Item = Option<T>> + 'a>;
    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

/// One table of a report.
#[derive(Clone, Copy)]
pub struct TableView<'a>(&'a bourse_table);

impl<'a> TableView<'a> {
    pub fn rows(&self) -> usize {
        self.0.n_rows
    }
    pub fn name(&self) -> &'a str {
        // SAFETY: what the report points to lasts as long as it does; so below.
        unsafe { text_of(self.0.name) }.unwrap_or("")
    }
    pub fn label(&self) -> Option<&'a str> {
        unsafe { text_of(self.0.label) }
    }
    /// Its columns' descriptions, in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = Field<'a>> {
        unsafe { items(self.0.fields, self.0.n_fields) }.iter().map(|field| unsafe { Field::from_wire(&**field) })
    }
    fn array(&self, column: usize) -> Option<&'a bourse_array> {
        unsafe { items(self.0.columns, self.0.n_fields) }.get(column)
    }
    /// Nothing: there is no such column. Sources may leave out those that are optional.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.fields().position(|field| field.name == name)
    }
    /// By name: `table.column::<Decimal>("close")?`. No such column, or another type, is the plugin's own mistake: 500.
    pub fn column<T: Data<'a>>(&self, name: &str) -> Result<Column<'a, T>> {
        let place = self.find(name).ok_or_else(|| {
            Error::internal("no_such_column", format!("table {} has no column {}", self.name(), name))
        })?;
        self.typed(place).ok_or_else(|| {
            let what = format!("column {} of table {} has another type than was asked for", name, self.name());
            Error::internal("wrong_column_type", what)
        })
    }
    fn typed<T: Data<'a>>(&self, place: usize) -> Option<Column<'a, T>> {
        let field = self.fields().nth(place)?;
        let array = self.array(place).filter(|_| field.type_of == T::TYPE)?;
        // SAFETY: a column of that type has such a cell for each row, and a bit, or NULL.
        let valid = unsafe { items(array.valid, (self.rows() + 7) / 8) };
        Some(Column {
            data: unsafe { items(array.data.cast(), self.rows()) },
            valid: if array.valid.is_null() { None } else { Some(valid) },
            scale: field.scale,
        })
    }
    pub fn decimals(&self, name: &str) -> Result<Column<'a, Decimal>> {
        self.column(name)
    }
    pub fn reals(&self, name: &str) -> Result<Column<'a, f64>> {
        self.column(name)
    }
    pub fn integers(&self, name: &str) -> Result<Column<'a, i64>> {
        self.column(name)
    }
    pub fn times(&self, name: &str) -> Result<Column<'a, Time>> {
        self.column(name)
    }
    pub fn texts(&self, name: &str) -> Result<Column<'a, &'a str>> {
        self.column(name)
    }
    pub fn booleans(&self, name: &str) -> Result<Column<'a, bool>> {
        self.column(name)
    }
    /// One cell, whatever its type; `Null` where the row is null, and for types that are unknown here.
    pub fn cell(&self, column: usize, row: usize) -> Value<'a> {
        fn read<'a, T: Data<'a> + Into<Value<'a>>>(table: &TableView<'a>, column: usize, row: usize) -> Value<'a> {
            table.typed::<T>(column).and_then(|column| column.get(row)).map_or(Value::Null, Into::into)
        }
        match self.fields().nth(column).map_or(Type::NULL, |field| field.type_of) {
            Type::BOOL => read::<bool>(self, column, row),
            Type::I64 => read::<i64>(self, column, row),
            // Not by From: what a source says is shown, also when it is not a number.
            Type::F64 => self.typed(column).and_then(|column| column.get(row)).map_or(Value::Null, Value::F64),
            Type::DECIMAL => read::<Decimal>(self, column, row),
            Type::TIME => read::<Time>(self, column, row),
            Type::TEXT => read::<&str>(self, column, row),
            _ => Value::Null,
        }
    }
}

/// What a report has to say of itself.
#[derive(Clone, Copy, Debug)]
pub struct NoteView<'a> {
    pub level: Level,
    pub code: &'a str,
    pub text: &'a str,
}
/// A named single value.
#[derive(Clone, Debug)]
pub struct ScalarView<'a> {
    pub field: Field<'a>,
    pub value: Value<'a>,
}
/// What to show of a table.
#[derive(Clone, Debug)]
pub struct ChartView<'a> {
    pub kind: ChartKind,
    pub name: &'a str,
    pub title: Option<&'a str>,
    pub table: &'a str,
    pub pane: Option<&'a str>,
    /// Role, column, label.
    pub channels: Vec<(Role, &'a str, Option<&'a str>)>,
    /// Lines at these y.
    pub levels: &'a [f64],
}

/// A finished report.
#[derive(Clone, Copy)]
pub struct Report<'a>(&'a bourse_report);

impl<'a> Report<'a> {
    /// # Safety
    /// The host's, and lasts for `'a`.
    pub(crate) unsafe fn new(wire: *const bourse_report) -> Report<'a> {
        // SAFETY: the caller's promise.
        Report(unsafe { &*wire })
    }
    pub(crate) fn wire(&self) -> *const bourse_report {
        self.0
    }
    pub fn title(&self) -> &'a str {
        // SAFETY: what the report points to lasts as long as it does; so below.
        unsafe { str_of(&self.0.title) }
    }
    /// "plugin/component" that made it.
    pub fn component(&self) -> &'a str {
        unsafe { str_of(&self.0.component) }
    }
    /// Time of the newest input; nothing if that is unknown.
    pub fn as_of(&self) -> Option<Time> {
        Some(Time(self.0.as_of)).filter(|time| time.0 != 0)
    }
    pub fn meta(&self) -> impl ExactSizeIterator<Item = (&'a str, Value<'a>)> {
        unsafe { items(self.0.meta, self.0.n_meta) }
            .iter()
            .map(|meta| unsafe { (str_of(&(**meta).key), Value::from_wire(&(**meta).value)) })
    }
    pub fn notes(&self) -> impl ExactSizeIterator<Item = NoteView<'a>> {
        unsafe { items(self.0.notes, self.0.n_notes) }.iter().map(|note| unsafe {
            NoteView { level: Level((**note).level), code: str_of(&(**note).code), text: str_of(&(**note).text) }
        })
    }
    pub fn scalars(&self) -> impl ExactSizeIterator<Item = ScalarView<'a>> {
        unsafe { items(self.0.scalars, self.0.n_scalars) }.iter().map(|scalar| unsafe {
            ScalarView { field: Field::from_wire(&*(**scalar).field), value: Value::from_wire(&(**scalar).value) }
        })
    }
    pub fn tables(&self) -> impl ExactSizeIterator<Item = TableView<'a>> {
        unsafe { items(self.0.tables, self.0.n_tables) }.iter().map(|table| TableView(unsafe { &**table }))
    }
    /// A dataset's answer has one.
    pub fn table(&self, place: usize) -> Result<TableView<'a>> {
        self.tables().nth(place).ok_or_else(|| {
            let what = format!("the answer of {} has {} tables, not {}", self.component(), self.0.n_tables, place + 1);
            Error::internal("no_such_table", what)
        })
    }
    pub fn charts(&self) -> impl ExactSizeIterator<Item = ChartView<'a>> {
        unsafe { items(self.0.charts, self.0.n_charts) }.iter().map(|chart| unsafe {
            let chart = &**chart;
            let channels = items(chart.channels, chart.n_channels).iter().map(|channel| {
                let channel = &**channel;
                (Role(channel.role), text_of(channel.field).unwrap_or(""), text_of(channel.label))
            });
            ChartView {
                kind: ChartKind(chart.kind),
                name: text_of(chart.name).unwrap_or(""),
                title: text_of(chart.title),
                table: text_of(chart.table).unwrap_or(""),
                pane: text_of(chart.pane),
                channels: channels.collect(),
                levels: items(chart.levels, chart.n_levels),
            }
        })
    }
}

/// Why a query brought no report.
#[derive(Clone, Copy)]
pub struct Failure<'a>(&'a bourse_failure);

impl<'a> Failure<'a> {
    /// # Safety
    /// The host's, and lasts for `'a`.
    pub(crate) unsafe fn new(wire: *const bourse_failure) -> Failure<'a> {
        // SAFETY: the caller's promise.
        Failure(unsafe { &*wire })
    }
    pub fn status(&self) -> Status {
        Status(self.0.status)
    }
    pub fn code(&self) -> &'a str {
        // SAFETY: it lasts as long as the failure; so below.
        unsafe { str_of(&self.0.code) }
    }
    pub fn message(&self) -> &'a str {
        unsafe { str_of(&self.0.message) }
    }
    /// The parameter to blame, or empty: one of the dataset's.
    pub fn parameter(&self) -> &'a str {
        unsafe { str_of(&self.0.param) }
    }
    /// When to try again; nothing if that is unknown.
    pub fn retry_after(&self) -> Option<Duration> {
        u64::try_from(self.0.retry_after).ok().filter(|ns| *ns > 0).map(Duration::from_nanos)
    }
}
/// To be passed on; the parameter it blames stays behind.
impl From<Failure<'_>> for Error {
    fn from(failure: Failure<'_>) -> Error {
        Error::new(failure.status(), failure.code().to_owned(), failure.message())
            .retry_after(failure.retry_after().unwrap_or_default())
    }
}
