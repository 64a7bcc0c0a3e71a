// SPDX-License-Identifier: MIT

//! Tables, written.

use std::os::raw::c_void;
use std::ptr;

use crate::decimal::{Decimal, Rounding};
use crate::declare::Field;
use crate::error::{Error, Result};
use crate::numbers::Type;
use crate::sys::*;
use crate::value::Value;
use crate::wire::Keeper;

enum Cells {
    Bytes(Vec<u8>),
    Whole(Vec<i64>),
    Real(Vec<f64>),
    Decimal(Vec<Decimal>),
    /// All texts in a row, and where each ends.
    Text(String, Vec<usize>),
}

struct Filled<'a> {
    field: Field<'a>,
    cells: Cells,
    valid: Vec<u8>,
    rows: usize,
    has_null: bool,
}

/// A table, column by column; all have the same number of rows.
/// `call.add(&Table::new("returns", "Returns").column(&CLOSE, closes).column(&CHANGE, &changes))?;`
///
/// A column is anything that gives values: a `Vec` or a slice of numbers, texts, times, decimals or of `Option`s of
/// them, or a [`Column`](crate::Column) of an answer. `None` and NaN are null. Decimals are brought to the largest scale
/// among them (at least the field's), exactly. A wrong type and uneven columns are told when the table is added.
pub struct Table<'a> {
    name: &'a str,
    label: &'a str,
    columns: Vec<Filled<'a>>,
    wrong: Option<(&'static str, String)>,
}

impl<'a> Filled<'a> {
    fn new(field: &Field<'a>) -> Option<Filled<'a>> {
        let cells = match field.type_of {
            Type::BOOL => Cells::Bytes(Vec::new()),
            Type::I64 | Type::TIME => Cells::Whole(Vec::new()),
            Type::F64 => Cells::Real(Vec::new()),
            Type::DECIMAL => Cells::Decimal(Vec::new()),
            Type::TEXT => Cells::Text(String::new(), Vec::new()),
            _ => return None,
        };
        Some(Filled { field: *field, cells, valid: Vec::new(), rows: 0, has_null: false })
    }
    /// False: it is of another type.
    fn push(&mut self, value: &Value<'_>) -> bool {
        if self.rows % 8 == 0 {
            self.valid.push(0);
        }
        let null = matches!(value, Value::Null);
        if !null && value.type_of() != self.field.type_of {
            return false;
        }
        match (&mut self.cells, value) {
            (Cells::Bytes(cells), Value::Bool(value)) => cells.push(u8::from(*value)),
            (Cells::Bytes(cells), _) => cells.push(0),
            (Cells::Whole(cells), Value::I64(value)) => cells.push(*value),
            (Cells::Whole(cells), Value::Time(value)) => cells.push(value.0),
            (Cells::Whole(cells), _) => cells.push(0),
            (Cells::Real(cells), Value::F64(value)) => cells.push(*value),
            (Cells::Real(cells), _) => cells.push(0.0),
            (Cells::Decimal(cells), Value::Decimal(value)) => cells.push(*value),
            (Cells::Decimal(cells), _) => cells.push(Decimal::ZERO),
            (Cells::Text(all, ends), value) => {
                if let Value::Text(text) = value {
                    all.push_str(text);
                }
                ends.push(all.len());
            }
        }
        if null {
            self.has_null = true;
        } else {
            self.valid[self.rows / 8] |= 1 << (self.rows % 8);
        }
        self.rows += 1;
        true
    }
    /// Of its decimals: the largest, at least the field's.
    fn scale(&self) -> i32 {
        match &self.cells {
            Cells::Decimal(cells) => cells.iter().fold(self.field.scale, |most, cell| most.max(cell.scale())),
            _ => self.field.scale,
        }
    }
}

/// A table that has been begun: `Call::more` gives it more rows.
pub struct Begun {
    pub(crate) number: u32,
    pub(crate) scales: Vec<i32>,
}

impl<'a> Table<'a> {
    /// `name`: `[a-z][a-z0-9_]*`.
    pub fn new(name: &'a str, label: &'a str) -> Table<'a> {
        Table { name, label, columns: Vec::new(), wrong: None }
    }
    pub fn column<'v, V>(mut self, field: &Field<'a>, values: V) -> Table<'a>
    where
        V: IntoIterator,
        V::Item: Into<Value<'v>>,
    {
        match Filled::new(field) {
            Some(mut filled) => {
                for value in values {
                    let value = value.into();
                    if !filled.push(&value) {
                        let (wanted, given) = (field.type_of, value.type_of());
                        let what =
                            format!("column {} is declared as {:?} and was given {:?}", field.name, wanted, given);
                        self.wrong.get_or_insert(("wrong_column_type", what));
                        break;
                    }
                }
                if let Some(first) = self.columns.first().filter(|first| first.rows != filled.rows) {
                    let (name, rows) = (self.name, filled.rows);
                    let what =
                        format!("column {} of table {} has {} rows, the first {}", field.name, name, rows, first.rows);
                    self.wrong.get_or_insert(("uneven_columns", what));
                }
                self.columns.push(filled);
            }
            None => {
                let what = format!("column {} is declared as {:?}, which no column can be", field.name, field.type_of);
                self.wrong.get_or_insert(("wrong_column_type", what));
            }
        }
        self
    }
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.rows)
    }
    pub(crate) fn scales(&self) -> Vec<i32> {
        self.columns.iter().map(Filled::scale).collect()
    }
    /// Calls `give` with the table as it crosses, its decimals at these scales.
    pub(crate) fn with_wire<R>(&self, scales: &[i32], give: impl FnOnce(&bourse_table) -> Result<R>) -> Result<R> {
        if let Some((code, what)) = &self.wrong {
            return Err(Error::internal(code, what.clone()));
        }
        let mut keeper = Keeper::default();
        let mut fields = Vec::new();
        let mut decimals: Vec<Vec<bourse_i128>> = Vec::new();
        let mut texts: Vec<Vec<bourse_str>> = Vec::new();
        let mut arrays = Vec::new();
        for (column, scale) in self.columns.iter().zip(scales) {
            fields.push(bourse_field { scale: *scale, ..wire_field(&column.field, &mut keeper)? });
            let data: *const c_void = match &column.cells {
                Cells::Bytes(cells) => cells.as_ptr().cast(),
                Cells::Whole(cells) => cells.as_ptr().cast(),
                Cells::Real(cells) => cells.as_ptr().cast(),
                Cells::Decimal(cells) => {
                    decimals.push(at_scale(cells, *scale, column.field.name)?);
                    decimals[decimals.len() - 1].as_ptr().cast()
                }
                Cells::Text(all, ends) => {
                    let begins = std::iter::once(&0).chain(ends);
                    texts.push(begins.zip(ends).map(|(begin, end)| bourse_str::of(&all[*begin..*end])).collect());
                    texts[texts.len() - 1].as_ptr().cast()
                }
            };
            arrays
                .push(bourse_array { data, valid: if column.has_null { column.valid.as_ptr() } else { ptr::null() } });
        }
        let pointers: Vec<*const bourse_field> = fields.iter().map(|field| field as *const bourse_field).collect();
        give(&bourse_table {
            name: keeper.text(self.name)?,
            label: keeper.text(self.label)?,
            n_fields: pointers.len(),
            fields: pointers.as_ptr(),
            n_rows: self.rows(),
            columns: arrays.as_ptr(),
            ..bourse_table::NEW
        })
    }
}

fn at_scale(cells: &[Decimal], scale: i32, name: &str) -> Result<Vec<bourse_i128>> {
    let exact = |cell: &Decimal| {
        let there = cell.rescaled(scale, Rounding::Down).ok().filter(|there| there == cell);
        there.map(Decimal::wire).ok_or_else(|| {
            let what = format!("column {}: {} has no exact form with {} decimals", name, cell, scale);
            Error::internal("decimal_scale", what)
        })
    };
    cells.iter().map(exact).collect()
}

pub(crate) fn wire_field(from: &Field<'_>, keeper: &mut Keeper) -> Result<bourse_field> {
    Ok(bourse_field {
        flags: from.flags,
        r#type: from.type_of.0,
        scale: from.scale,
        name: keeper.text(from.name)?,
        label: keeper.maybe(from.label)?,
        unit: keeper.maybe(from.unit)?,
        doc: keeper.maybe(from.doc)?,
        format: keeper.maybe(from.format)?,
        ..bourse_field::NEW
    })
}
