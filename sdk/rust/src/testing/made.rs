// SPDX-License-Identifier: MIT

//! A report as the fake host has it: copied from whoever wrote it, read by the same views as everybody's.

use std::any::Any;
use std::fmt;
use std::os::raw::{c_char, c_void};
use std::ptr;

use crate::report::{Report, TableView};
use crate::sys::*;
use crate::value::Value;

/// Owns what its pointers point to; none of it moves when more comes.
#[derive(Default)]
pub(super) struct Arena(Vec<Box<dyn Any + Send>>);

// Pointers into the arena go where the arena goes.
struct Sent<T>(Vec<T>);
unsafe impl<T> Send for Sent<T> {}

impl Arena {
    pub fn keep<T: 'static>(&mut self, items: Vec<T>) -> *const T {
        let kept = Box::new(Sent(items));
        let first = kept.0.as_ptr();
        self.0.push(kept);
        first
    }
    pub unsafe fn text(&mut self, text: *const c_char) -> *const c_char {
        if text.is_null() {
            return text;
        }
        // SAFETY: the plugin's, with a NUL.
        let bytes = unsafe { std::ffi::CStr::from_ptr(text) }.to_bytes_with_nul().to_vec();
        self.keep(bytes).cast()
    }
    pub unsafe fn str(&mut self, text: bourse_str) -> bourse_str {
        // SAFETY: the plugin's.
        let bytes = unsafe { text.bytes() }.to_vec();
        bourse_str { len: bytes.len(), ptr: self.keep(bytes).cast() }
    }
    pub unsafe fn value(&mut self, value: &bourse_value) -> bourse_value {
        let mut copy = *value;
        // SAFETY: the member that the type names.
        unsafe {
            if value.r#type == BOURSE_TYPE_TEXT {
                copy.r#as.text = self.str(value.r#as.text);
            }
            if value.r#type == BOURSE_TYPE_LIST {
                let list = value.r#as.list;
                let copies: Vec<bourse_value> = items(list.ptr, list.len).iter().map(|one| self.value(one)).collect();
                copy.r#as.list = bourse_list { len: copies.len(), ptr: self.keep(copies) };
            }
        }
        copy
    }
    pub unsafe fn field(&mut self, field: &bourse_field) -> *const bourse_field {
        // SAFETY: the plugin's.
        let copy = unsafe {
            bourse_field {
                name: self.text(field.name),
                label: self.text(field.label),
                unit: self.text(field.unit),
                doc: self.text(field.doc),
                format: self.text(field.format),
                ..*field
            }
        };
        self.keep(vec![copy])
    }
}

/// A table that still grows.
pub(super) struct Growing {
    pub name: *const c_char,
    pub label: *const c_char,
    pub fields: Vec<*const bourse_field>,
    pub cells: Vec<Vec<bourse_value>>,
}

impl Growing {
    pub unsafe fn new(table: &bourse_table, arena: &mut Arena) -> Growing {
        // SAFETY: the plugin's; so below.
        unsafe {
            let fields = items(table.fields, table.n_fields);
            let mut growing = Growing {
                name: arena.text(table.name),
                label: arena.text(table.label),
                fields: fields.iter().map(|field| arena.field(&**field)).collect(),
                cells: fields.iter().map(|_| Vec::new()).collect(),
            };
            growing.append(table.n_rows, table.columns, arena);
            growing
        }
    }
    pub unsafe fn append(&mut self, rows: usize, columns: *const bourse_array, arena: &mut Arena) {
        for (place, column) in self.cells.iter_mut().enumerate() {
            for row in 0..rows {
                // SAFETY: a column for each field, a cell for each row, a bit or NULL.
                column.push(unsafe {
                    let array = &*columns.add(place);
                    arena.value(&cell(&*self.fields[place], array, row))
                });
            }
        }
    }
    fn finish(&self, arena: &mut Arena) -> *const bourse_table {
        // SAFETY: the arena's.
        let types = self.fields.iter().map(|field| unsafe { (**field).r#type });
        let arrays = self.cells.iter().zip(types).map(|(cells, of)| array(cells, of, arena)).collect();
        let table = bourse_table {
            name: self.name,
            label: self.label,
            n_fields: self.fields.len(),
            n_rows: self.cells.first().map_or(0, Vec::len),
            fields: arena.keep(self.fields.clone()),
            columns: arena.keep(arrays),
            ..bourse_table::NEW
        };
        arena.keep(vec![table])
    }
}

unsafe fn cell(field: &bourse_field, array: &bourse_array, row: usize) -> bourse_value {
    let mut value = bourse_value::NEW;
    // SAFETY: the caller's promise.
    unsafe {
        if !array.valid.is_null() && *array.valid.add(row / 8) >> (row % 8) & 1 == 0 {
            return value;
        }
        value.r#type = field.r#type;
        match field.r#type {
            BOURSE_TYPE_BOOL => value.r#as.i64 = i64::from(*array.data.cast::<u8>().add(row)),
            BOURSE_TYPE_I64 | BOURSE_TYPE_TIME => value.r#as.i64 = *array.data.cast::<i64>().add(row),
            BOURSE_TYPE_F64 => value.r#as.f64 = *array.data.cast::<f64>().add(row),
            BOURSE_TYPE_DECIMAL => {
                value.scale = field.scale;
                value.r#as.dec = *array.data.cast::<bourse_i128>().add(row);
            }
            BOURSE_TYPE_TEXT => value.r#as.text = *array.data.cast::<bourse_str>().add(row),
            _ => value.r#type = BOURSE_TYPE_NULL,
        }
    }
    value
}

/// No rows: NULL, as a host in C gives them.
fn array(cells: &[bourse_value], of: bourse_type, arena: &mut Arena) -> bourse_array {
    if cells.is_empty() {
        return bourse_array::NEW;
    }
    let mut valid = vec![0u8; (cells.len() + 7) / 8];
    for (row, _) in cells.iter().enumerate().filter(|(_, cell)| cell.r#type != BOURSE_TYPE_NULL) {
        valid[row / 8] |= 1 << (row % 8);
    }
    // SAFETY: every value was written as a whole, so each member is readable; what is under a null does not matter.
    let data: *const c_void = unsafe {
        match of {
            BOURSE_TYPE_BOOL => arena.keep(cells.iter().map(|cell| cell.r#as.i64 as u8).collect::<Vec<u8>>()).cast(),
            BOURSE_TYPE_F64 => arena.keep(cells.iter().map(|cell| cell.r#as.f64).collect::<Vec<f64>>()).cast(),
            BOURSE_TYPE_DECIMAL => arena.keep(cells.iter().map(|cell| cell.r#as.dec).collect::<Vec<_>>()).cast(),
            BOURSE_TYPE_TEXT => {
                let text = |cell: &bourse_value| match cell.r#type {
                    BOURSE_TYPE_TEXT => cell.r#as.text,
                    _ => bourse_str::NEW,
                };
                arena.keep(cells.iter().map(text).collect::<Vec<_>>()).cast()
            }
            _ => arena.keep(cells.iter().map(|cell| cell.r#as.i64).collect::<Vec<i64>>()).cast(),
        }
    };
    let all = cells.iter().all(|cell| cell.r#type != BOURSE_TYPE_NULL);
    bourse_array { data, valid: if all { ptr::null() } else { arena.keep(valid) } }
}

/// A report that is being written.
#[derive(Default)]
pub(super) struct Building {
    pub arena: Arena,
    pub title: Option<bourse_str>,
    pub as_of: i64,
    pub meta: Vec<*const bourse_meta>,
    pub notes: Vec<*const bourse_note>,
    pub scalars: Vec<*const bourse_scalar>,
    pub tables: Vec<Growing>,
    pub charts: Vec<*const bourse_chart>,
}
// SAFETY: everything points into its own arena.
unsafe impl Send for Building {}

impl Building {
    pub fn finish(mut self, component: &str) -> Made {
        let component_bytes = component.as_bytes().to_vec();
        let tables: Vec<*const bourse_table> = self.tables.iter().map(|table| table.finish(&mut self.arena)).collect();
        let report = bourse_report {
            title: self.title.unwrap_or(bourse_str::NEW),
            component: bourse_str { len: component_bytes.len(), ptr: self.arena.keep(component_bytes).cast() },
            as_of: self.as_of,
            n_meta: self.meta.len(),
            meta: self.arena.keep(self.meta),
            n_notes: self.notes.len(),
            notes: self.arena.keep(self.notes),
            n_scalars: self.scalars.len(),
            scalars: self.arena.keep(self.scalars),
            n_tables: tables.len(),
            tables: self.arena.keep(tables),
            n_charts: self.charts.len(),
            charts: self.arena.keep(self.charts),
            ..bourse_report::NEW
        };
        let report = self.arena.keep(vec![report]);
        Made { _arena: self.arena, report, bytes: Vec::new(), headers: Vec::new() }
    }
}

/// What a component has made: a report, or, a serializer, bytes.
pub struct Made {
    _arena: Arena,
    report: *const bourse_report,
    pub(super) bytes: Vec<u8>,
    pub(super) headers: Vec<(String, String)>,
}
// SAFETY: the report lies in its arena, and nobody writes to it.
unsafe impl Send for Made {}
unsafe impl Sync for Made {}

impl Made {
    pub fn report(&self) -> Report<'_> {
        // SAFETY: it lasts as long as this.
        unsafe { Report::new(self.report) }
    }
    /// # Panics
    /// There is none of that name; so below.
    pub fn scalar(&self, name: &str) -> Value<'_> {
        match self.report().scalars().find(|scalar| scalar.field.name == name) {
            Some(scalar) => scalar.value,
            None => panic!("the report has no scalar {}: {:?}", name, self),
        }
    }
    pub fn table(&self, name: &str) -> TableView<'_> {
        match self.report().tables().find(|table| table.name() == name) {
            Some(table) => table,
            None => panic!("the report has no table {}: {:?}", name, self),
        }
    }
    /// Every cell of a column.
    pub fn column(&self, table: &str, name: &str) -> Vec<Value<'_>> {
        let table = self.table(table);
        match table.find(name) {
            Some(column) => (0..table.rows()).map(|row| table.cell(column, row)).collect(),
            None => panic!("the table {} has no column {}: {:?}", table.name(), name, self),
        }
    }
    pub fn has_note(&self, code: &str) -> bool {
        self.report().notes().any(|note| note.code == code)
    }
    /// What a serializer wrote, as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("the answer is UTF-8")
    }
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report();
        write!(out, "a report of {}:", report.component())?;
        for scalar in report.scalars() {
            write!(out, " {}={:?}", scalar.field.name, scalar.value)?;
        }
        for table in report.tables() {
            let names: Vec<&str> = table.fields().map(|field| field.name).collect();
            write!(out, " {}({}; {} rows)", table.name(), names.join(", "), table.rows())?;
        }
        for note in report.notes() {
            write!(out, " note {}: {}", note.code, note.text)?;
        }
        write!(out, " and {} bytes", self.bytes.len())
    }
}
