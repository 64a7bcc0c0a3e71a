// SPDX-License-Identifier: MIT

//! Descriptions as the host reads them. They live in the library's own memory, for as long as it is loaded: nothing has
//! to be freed, and nothing is left behind when it is unloaded.

use std::cell::UnsafeCell;
use std::mem::{self, MaybeUninit};
use std::os::raw::c_char;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::declare::{About, Dataset, Field, Param, ReturnedTable};
use crate::sys::*;

const ROOM: usize = 256 << 10;

/// Untouched, it costs no memory.
#[repr(align(16))]
struct Room(UnsafeCell<[MaybeUninit<u8>; ROOM]>);
// SAFETY: each byte is handed out once, to one who writes before anybody reads.
unsafe impl Sync for Room {}
static MEMORY: Room = Room(UnsafeCell::new([MaybeUninit::uninit(); ROOM]));
static USED: AtomicUsize = AtomicUsize::new(0);

/// Keeps them for ever. What does not fit comes from the heap.
pub(crate) fn kept<T: Copy>(items: &[T]) -> *const T {
    let bytes = mem::size_of_val(items);
    if bytes == 0 {
        return ptr::null();
    }
    let rounded = (bytes + 15) & !15;
    let at = USED.fetch_add(rounded, Ordering::Relaxed);
    if mem::align_of::<T>() > 16 || at.checked_add(rounded).map_or(true, |end| end > ROOM) {
        return Box::leak(items.to_vec().into_boxed_slice()).as_ptr();
    }
    // SAFETY: within the room, aligned, and nobody else's.
    unsafe {
        let place = MEMORY.0.get().cast::<u8>().add(at).cast::<T>();
        ptr::copy_nonoverlapping(items.as_ptr(), place, items.len());
        place
    }
}

/// # Panics
/// A NUL in the middle would cut it; the plugin is not loaded then, and the log says why.
pub(crate) fn text(text: &str) -> *const c_char {
    assert!(!text.contains('\0'), "{:?} has a NUL inside", text);
    let mut bytes = Vec::with_capacity(text.len() + 1);
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(0);
    kept(&bytes).cast()
}
pub(crate) fn maybe(given: Option<&str>) -> *const c_char {
    given.map_or(ptr::null(), text)
}

/// An array of pointers to each.
fn all<T, W: Copy>(given: &[T], make: impl Fn(&T) -> W) -> *const *const W {
    let pointers: Vec<*const W> = given.iter().map(|one| kept(&[make(one)])).collect();
    kept(&pointers)
}

fn param(from: &Param) -> bourse_param {
    let mut choices: Vec<*const c_char> = from.choices.iter().map(|choice| text(choice)).collect();
    if !choices.is_empty() {
        choices.push(ptr::null());
    }
    bourse_param {
        flags: from.flags,
        r#type: from.type_of.0,
        item: from.item.0,
        name: text(from.name),
        label: maybe(from.label),
        doc: maybe(from.doc),
        unit: maybe(from.unit),
        def: maybe(from.default),
        min: maybe(from.bounds.0),
        max: maybe(from.bounds.1),
        choices: kept(&choices),
        ..bourse_param::NEW
    }
}

fn field(from: &Field<'_>) -> bourse_field {
    bourse_field {
        flags: from.flags,
        r#type: from.type_of.0,
        scale: from.scale,
        name: text(from.name),
        label: maybe(from.label),
        unit: maybe(from.unit),
        doc: maybe(from.doc),
        format: maybe(from.format),
        ..bourse_field::NEW
    }
}

fn dataset(from: &Dataset) -> bourse_dataset {
    bourse_dataset {
        flags: from.flags,
        name: text(from.name),
        doc: maybe(from.doc),
        n_params: from.params.len(),
        params: all(&from.params, param),
        n_fields: from.fields.len(),
        fields: all(&from.fields, field),
        ..bourse_dataset::NEW
    }
}

fn table(from: &ReturnedTable) -> bourse_table {
    bourse_table {
        flags: from.flags,
        name: text(from.name),
        label: text(from.label),
        n_fields: from.fields.len(),
        fields: all(&from.fields, field),
        ..bourse_table::NEW
    }
}

/// `verbs` has the functions and flags; the rest is `from`'s.
pub(crate) fn component(from: &About, verbs: bourse_component) -> bourse_component {
    bourse_component {
        flags: verbs.flags | from.flags,
        parts: from.parts.0,
        id: text(from.id),
        title: text(from.title),
        doc: maybe(from.doc),
        n_params: from.params.len(),
        params: all(&from.params, param),
        n_config: from.config.len(),
        config: all(&from.config, param),
        media_type: maybe(from.media_type),
        suffix: maybe(from.suffix),
        n_datasets: from.datasets.len(),
        datasets: all(&from.datasets, dataset),
        n_scalars: from.scalars.len(),
        scalars: all(&from.scalars, field),
        n_tables: from.tables.len(),
        tables: all(&from.tables, table),
        ..verbs
    }
}
