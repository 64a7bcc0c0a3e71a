// SPDX-License-Identifier: MIT

//! The request that is being answered, and the host behind it.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::os::raw::c_void;
use std::ptr;
use std::time::Duration;

use crate::chart::Chart;
use crate::declare::Field;
use crate::error::{ok, Error, Result};
use crate::has;
use crate::numbers::{Level, Type};
use crate::query::{Query, WireQueries};
use crate::report::{text_of, Failure, Report};
use crate::sys::*;
use crate::table::{wire_field, Begun, Table};
use crate::time::Time;
use crate::value::Value;
use crate::wire::Keeper;

/// A function of the host, or an `Err` where it offers none.
macro_rules! offered {
    ($host:expr, $function:ident) => {{
        let host: *const bourse_host = $host;
        // SAFETY: the host's table lasts until deinit returns.
        let function = unsafe {
            if has!(host, $function) {
                (*host).$function
            } else {
                None
            }
        };
        function.ok_or_else(|| {
            let what = concat!("this host does not offer `", stringify!($function), "`: use a newer one");
            Error::internal("host_too_old", what)
        })
    }};
}

fn log(host: *const bourse_host, call: *mut bourse_call, level: Level, message: &str, fields: &[(&str, Value<'_>)]) {
    let log = match offered!(host, log) {
        Ok(log) => log,
        Err(_) => return, // nobody to tell
    };
    let mut keeper = Keeper::default();
    let args: Vec<bourse_arg> = fields
        .iter()
        .take(BOURSE_MAX_LOG_FIELDS)
        .map(|(name, value)| bourse_arg { name: bourse_str::of(name), value: keeper.value(value) })
        .collect();
    // SAFETY: [any]; all of it lasts until log returns.
    unsafe { log(host, call, level.0, bourse_str::of(message), args.as_ptr(), args.len()) }
}

/// The host, outside of a call: goes to any thread, and may be kept until `deinit` returns.
#[derive(Clone, Copy)]
pub struct Host(*const bourse_host);
// SAFETY: what is used of it here is [any].
unsafe impl Send for Host {}
unsafe impl Sync for Host {}

impl Host {
    /// # Safety
    /// The host's.
    pub(crate) unsafe fn new(wire: *const bourse_host) -> Host {
        Host(wire)
    }
    pub fn version(&self) -> &str {
        // SAFETY: it lives as long as the library.
        unsafe { text_of((*self.0).version) }.unwrap_or("")
    }
    /// The minor of the contract that it speaks.
    pub fn abi_minor(&self) -> u32 {
        // SAFETY: as above.
        unsafe { (*self.0).abi_minor }
    }
    /// A line in the host's log, about no call; about one: `Call::log`. The host adds time and plugin.
    /// `host.log(Level::WARN, "the disk is slow", &[("ms", 1200.into())])`
    pub fn log(&self, level: Level, message: &str, fields: &[(&str, Value<'_>)]) {
        log(self.0, ptr::null_mut(), level, message, fields);
    }
    /// A small interface by its id, with its NUL: `sys::BOURSE_SHARED_ID`. NULL when the host offers none such.
    pub fn extension(&self, id: &'static str) -> *const c_void {
        assert!(id.ends_with('\0'), "{:?}: an id of an extension ends with a NUL", id);
        match offered!(self.0, extension) {
            // SAFETY: [any]; the id has its NUL.
            Ok(extension) => unsafe { extension(self.0, id.as_ptr().cast()) },
            Err(_) => ptr::null(),
        }
    }
    pub fn wire(&self) -> *const bourse_host {
        self.0
    }
}

/// What threads that help with a call may use: the deadline, the time, the log.
/// `std::thread::scope(|scope| { let clock = call.clock(); scope.spawn(move || clock.poll()); })`
#[derive(Clone, Copy)]
pub struct Clock<'a> {
    host: *const bourse_host,
    call: *mut bourse_call,
    _call: PhantomData<&'a ()>,
}
// SAFETY: poll, now and log are [any], while the call lasts.
unsafe impl Send for Clock<'_> {}
unsafe impl Sync for Clock<'_> {}

impl Clock<'_> {
    /// `Err` if the client went away or the deadline passed: pass it on soon. Cheap: every few thousand rows.
    pub fn poll(&self) -> Result<()> {
        let poll = offered!(self.host, poll)?;
        // SAFETY: [any], and the call lasts.
        ok(unsafe { poll(self.call, ptr::null_mut()) })
    }
    /// Until the deadline; polls.
    pub fn left(&self) -> Result<Duration> {
        let poll = offered!(self.host, poll)?;
        let mut ns = 0;
        // SAFETY: as above.
        ok(unsafe { poll(self.call, &mut ns) })?;
        Ok(Duration::from_nanos(u64::try_from(ns).unwrap_or(0)))
    }
    /// The time of this call: one for all that is done for a request. Tests and replays set it.
    pub fn now(&self) -> Result<Time> {
        let now = offered!(self.host, now)?;
        // SAFETY: as above.
        Ok(Time(unsafe { now(self.call) }))
    }
    /// The host adds time, plugin, route and request id.
    pub fn log(&self, level: Level, message: &str, fields: &[(&str, Value<'_>)]) {
        log(self.host, self.call, level, message, fields);
    }
}

/// The request that is being answered: asks, builds the report, writes the bytes. It stays on its thread and ends with
/// the call; `clock` gives what other threads may use. Every `Err` may be passed on by `?`: the host knows why.
pub struct Call<'a> {
    clock: Clock<'a>,
    // A raw pointer is neither Send nor Sync, and so is the call.
    _not_shared: PhantomData<*mut bourse_call>,
}

/// `poll`, `left`, `now` and `log`.
impl<'a> Deref for Call<'a> {
    type Target = Clock<'a>;
    fn deref(&self) -> &Clock<'a> {
        &self.clock
    }
}

impl<'a> Call<'a> {
    /// # Safety
    /// The host's, and the call lasts for `'a`.
    pub(crate) unsafe fn new(host: *const bourse_host, call: *mut bourse_call) -> Call<'a> {
        Call { clock: Clock { host, call, _call: PhantomData }, _not_shared: PhantomData }
    }
    pub fn clock(&self) -> Clock<'_> {
        self.clock
    }
    fn host(&self) -> *const bourse_host {
        self.clock.host
    }
    fn wire(&self) -> *mut bourse_call {
        self.clock.call
    }

    // ---- data ----

    /// Asks one; its failure ends the call and becomes the client's answer.
    pub fn ask(&self, query: Query<'_>) -> Result<Report<'_>> {
        let mut answer = bourse_answer::NEW;
        self.query(std::slice::from_ref(&query), std::slice::from_mut(&mut answer))?;
        // SAFETY: an answer that is OK has a report, which lasts as long as the call.
        Ok(unsafe { Report::new(answer.report) })
    }
    /// Asks all at once, side by side. A query that failed is an `Err` of its own: look at it, go on without, say so in
    /// a note.
    pub fn ask_all(&self, queries: &[Query<'_>]) -> Result<Vec<Result<Report<'_>, Failure<'_>>>> {
        let mut answers = vec![bourse_answer::NEW; queries.len()];
        match self.query(queries, &mut answers) {
            Err(error) if error.status().0 == BOURSE_CANCELLED => return Err(error),
            _ => {}
        }
        answers
            .iter()
            .map(|answer| match (answer.report.is_null(), answer.failure.is_null()) {
                // SAFETY: they last as long as the call.
                (false, _) => Ok(Ok(unsafe { Report::new(answer.report) })),
                (true, false) => Ok(Err(unsafe { Failure::new(answer.failure) })),
                (true, true) => Err(Error::internal("no_answer", "the host left a query without an answer")),
            })
            .collect()
    }
    /// As `ask`, for answers that are used and left behind: it is given back when it is dropped, so that who pages
    /// through years holds a page and not all.
    pub fn page(&self, query: Query<'_>) -> Result<Page<'_>> {
        Ok(Page { call: self, report: self.ask(query)?.wire() })
    }
    fn query(&self, queries: &[Query<'_>], answers: &mut [bourse_answer]) -> Result<()> {
        let query = offered!(self.host(), query)?;
        let wire = WireQueries::of(queries);
        // SAFETY: [call], which is this thread; as many answers as queries.
        ok(unsafe { query(self.wire(), queries.len(), wire.pointers.as_ptr(), answers.as_mut_ptr()) })
    }
    /// What this call says cannot change before that time. Without it, what it says is true for the moment only, unless
    /// the component is pure.
    pub fn fresh_until(&self, time: Time) -> Result<()> {
        let fresh_until = offered!(self.host(), fresh_until)?;
        // SAFETY: [call].
        ok(unsafe { fresh_until(self.wire(), time.0) })
    }

    // ---- the report: an analysis, a source, a layer ----

    pub fn title(&self, text: &str) -> Result<()> {
        self.meta("bourse.title", text)
    }
    /// Time of the newest input. Without it: the newest among the answers to this call's queries.
    pub fn as_of(&self, time: Time) -> Result<()> {
        self.meta("bourse.as_of", time)
    }
    pub fn meta<'v>(&self, key: &str, value: impl Into<Value<'v>>) -> Result<()> {
        let meta = offered!(self.host(), meta)?;
        let value = value.into();
        let mut keeper = Keeper::default();
        let wire = bourse_meta { key: bourse_str::of(key), value: keeper.value(&value), ..bourse_meta::NEW };
        // SAFETY: [call]; the host has copied it when it returns; so below.
        ok(unsafe { meta(self.wire(), &wire) })
    }
    /// `code`: `[a-z][a-z0-9_]*`, stable, for programs.
    pub fn note(&self, level: Level, code: &str, text: &str) -> Result<()> {
        let note = offered!(self.host(), note)?;
        let wire =
            bourse_note { level: level.0, code: bourse_str::of(code), text: bourse_str::of(text), ..bourse_note::NEW };
        ok(unsafe { note(self.wire(), &wire) })
    }
    pub fn warn(&self, code: &str, text: &str) -> Result<()> {
        self.note(Level::WARN, code, text)
    }
    /// Passes on what a source had to say of its data.
    pub fn notes_of(&self, report: Report<'_>) -> Result<()> {
        report.notes().try_for_each(|note| self.note(note.level, note.code, note.text))
    }
    pub fn scalar<'v>(&self, field: &Field<'_>, value: impl Into<Value<'v>>) -> Result<()> {
        let scalar = offered!(self.host(), scalar)?;
        let value = value.into();
        let given = value.type_of();
        if given != Type::NULL && given != field.type_of {
            let what = format!("scalar {} is declared as {:?} and was given {:?}", field.name, field.type_of, given);
            return Err(Error::internal("wrong_scalar_type", what));
        }
        let mut keeper = Keeper::default();
        let wire_field = wire_field(field, &mut keeper)?;
        let wire = bourse_scalar { field: &wire_field, value: keeper.value(&value), ..bourse_scalar::NEW };
        ok(unsafe { scalar(self.wire(), &wire) })
    }
    pub fn add(&self, table: &Table<'_>) -> Result<()> {
        self.begin(table).map(|_| ())
    }
    /// As `add`, of a table that gets more rows by `more`.
    pub fn begin(&self, table: &Table<'_>) -> Result<Begun> {
        let give = offered!(self.host(), table)?;
        let mut begun = Begun { number: 0, scales: table.scales() };
        let scales = begun.scales.clone();
        table.with_wire(&scales, |wire| ok(unsafe { give(self.wire(), wire, &mut begun.number) }))?;
        Ok(begun)
    }
    /// More rows: the same columns in the same order. Decimals are brought to the scales that the table began with.
    pub fn more(&self, begun: &Begun, rows: &Table<'_>) -> Result<()> {
        let give = offered!(self.host(), rows)?;
        rows.with_wire(&begun.scales, |wire| {
            let more = bourse_rows {
                table: begun.number,
                n_rows: wire.n_rows,
                n_columns: wire.n_fields,
                columns: wire.columns,
                ..bourse_rows::NEW
            };
            ok(unsafe { give(self.wire(), &more) })
        })
    }
    /// After the table that it draws.
    pub fn chart(&self, chart: &Chart<'_>) -> Result<()> {
        let give = offered!(self.host(), chart)?;
        chart.with_wire(|wire| ok(unsafe { give(self.wire(), wire) }))
    }

    // ---- the answer's bytes: a serializer ----

    /// Before the first byte.
    pub fn header(&self, name: &str, value: &str) -> Result<()> {
        let header = offered!(self.host(), header)?;
        ok(unsafe { header(self.wire(), bourse_str::of(name), bourse_str::of(value)) })
    }
    /// At once; `out` collects.
    pub fn write(&self, bytes: &[u8]) -> Result<()> {
        let write = offered!(self.host(), write)?;
        let wire = bourse_str { ptr: bytes.as_ptr().cast(), len: bytes.len() };
        ok(unsafe { write(self.wire(), wire) })
    }
    /// For `write!(out, "...")?`.
    pub fn out(&self) -> Out<'_, 'a> {
        Out { call: self, waiting: String::new() }
    }
}

/// An answer that is given back when it is dropped; what was taken from it goes before it.
pub struct Page<'c> {
    call: &'c Call<'c>,
    report: *const bourse_report,
}

impl Page<'_> {
    pub fn report(&self) -> Report<'_> {
        // SAFETY: it lasts until it is released.
        unsafe { Report::new(self.report) }
    }
}
impl Drop for Page<'_> {
    fn drop(&mut self) {
        if let Ok(release) = offered!(self.call.host(), release) {
            // SAFETY: [call], an answer of this call, once. What it says of a wrong one cannot happen.
            unsafe { release(self.call.wire(), self.report) };
        }
    }
}

const OUT_BYTES: usize = 32 << 10;

/// Text on its way to the client, handed on in blocks. `end` hands on the last one, and says whether it arrived.
pub struct Out<'c, 'a> {
    call: &'c Call<'a>,
    waiting: String,
}

impl Out<'_, '_> {
    pub fn text(&mut self, text: &str) -> Result<()> {
        self.waiting.push_str(text);
        if self.waiting.len() < OUT_BYTES {
            return Ok(());
        }
        self.flush()
    }
    /// What `write!` calls.
    pub fn write_fmt(&mut self, what: fmt::Arguments<'_>) -> Result<()> {
        fmt::Write::write_fmt(&mut self.waiting, what)?;
        self.text("")
    }
    pub fn end(mut self) -> Result<()> {
        self.flush()
    }
    fn flush(&mut self) -> Result<()> {
        let sent = self.call.write(self.waiting.as_bytes());
        self.waiting.clear();
        sent
    }
}
