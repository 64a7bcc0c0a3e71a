// SPDX-License-Identifier: MIT

//! The fake host itself: the table of functions that a component is given.

use std::collections::HashMap;
use std::os::raw::{c_char, c_void};
use std::ptr;
use std::sync::Mutex;
use std::time::Duration;

use super::made::{Building, Growing, Made};
use super::params;
use crate::component::{
    analysis_verbs, layer_verbs, serializer_verbs, source_verbs, Analysis, Layer, Serializer, Source,
};
use crate::declare::{About, Param};
use crate::numbers::Status;
use crate::report::{text_of, Report};
use crate::sys::*;
use crate::table::Table;
use crate::time::Time;
use crate::value::Value;
use crate::wire::Keeper;

/// Why a call failed, as the client would read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    pub status: Status,
    pub code: String,
    pub message: String,
    /// The parameter to blame, or empty.
    pub param: String,
    pub retry_after: Option<Duration>,
}

/// A query that the component has asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub dataset: String,
    /// Empty: the route's.
    pub source: String,
    pub args: Vec<(String, Value<'static>)>,
}

enum Brings {
    Report(Made),
    Failure(Failed),
}

/// Answers and failures by choice; one test's. `Host::new()` offers everything and knows no dataset.
pub struct Host {
    answers: HashMap<String, Vec<Brings>>,
    config: Vec<(String, String)>,
    now: Time,
    polls: Option<usize>,
    faults: Vec<(&'static str, usize)>,
    table: Box<Given>,
}

/// What the component sees. The log is behind it, for lines that belong to no call.
#[repr(C)]
struct Given {
    host: bourse_host,
    log: Mutex<Vec<(i32, String)>>,
    asked: Mutex<Vec<Asked>>,
}

/// One call; what a `bourse_call` of this host is.
struct Running<'h> {
    host: &'h Host,
    state: Mutex<State>,
}
#[derive(Default)]
struct State {
    failure: Option<Failed>,
    /// A function of the host has failed: so has the call, whatever the component makes of it.
    broken: bool,
    building: Building,
    uses: HashMap<&'static str, usize>,
    answered: HashMap<String, usize>,
    /// Of answers that failed, what the plugin sees of it.
    failures: Vec<Box<(Failed, bourse_failure)>>,
    bytes: Vec<u8>,
    headers: Vec<(String, String)>,
    released: Vec<usize>,
}
// SAFETY: the failures point into themselves.
unsafe impl Send for State {}

impl Default for Host {
    fn default() -> Host {
        Host::new()
    }
}

const VERSION: &[u8] = b"0.0.0-testing\0";

impl Host {
    pub fn new() -> Host {
        Host {
            answers: HashMap::new(),
            config: Vec::new(),
            now: Time(1_700_000_000_000_000_000),
            polls: None,
            faults: Vec::new(),
            table: Box::new(Given {
                host: bourse_host {
                    abi_minor: BOURSE_ABI_MINOR,
                    version: VERSION.as_ptr() as *const c_char,
                    extension: Some(extension),
                    log: Some(log),
                    poll: Some(poll),
                    now: Some(now),
                    fail: Some(fail),
                    query: Some(query),
                    release: Some(release),
                    fresh_until: Some(fresh_until),
                    meta: Some(meta),
                    note: Some(note),
                    scalar: Some(scalar),
                    table: Some(table),
                    rows: Some(rows),
                    chart: Some(chart),
                    header: Some(header),
                    write: Some(write),
                    ..bourse_host::NEW
                },
                log: Mutex::new(Vec::new()),
                asked: Mutex::new(Vec::new()),
            }),
        }
    }
    /// What a query for the dataset brings. Said several times: one after the other; the last one stays.
    pub fn answer(self, dataset: &str, rows: Table<'_>) -> Host {
        let mut building = Building::default();
        let copied = rows.with_wire(&rows.scales(), |wire| {
            // SAFETY: it is our own.
            building.tables.push(unsafe { Growing::new(wire, &mut building.arena) });
            Ok(())
        });
        copied.expect("the test's table is in order");
        self.brings(dataset, Brings::Report(building.finish("testing/source")))
    }
    /// The same, of a report that a component has made: of a source, for instance, before an analysis of it.
    pub fn answer_with(self, dataset: &str, made: Made) -> Host {
        self.brings(dataset, Brings::Report(made))
    }
    pub fn refuse(self, dataset: &str, status: Status, code: &str, message: &str) -> Host {
        let failure = Failed {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            param: String::new(),
            retry_after: None,
        };
        self.brings(dataset, Brings::Failure(failure))
    }
    fn brings(mut self, dataset: &str, what: Brings) -> Host {
        self.answers.entry(dataset.to_owned()).or_default().push(what);
        self
    }
    /// A setting of the YAML file.
    pub fn setting(mut self, name: &str, value: &str) -> Host {
        self.config.push((name.to_owned(), value.to_owned()));
        self
    }
    pub fn now(mut self, time: Time) -> Host {
        self.now = time;
        self
    }
    /// The deadline passes after so many polls.
    pub fn deadline_after(mut self, polls: usize) -> Host {
        self.polls = Some(polls);
        self
    }
    /// A function of the host ("query", "table", "rows", "scalar", "write", ...) fails when it is used for the n-th
    /// time, from 1.
    pub fn fail_at(mut self, function: &'static str, nth: usize) -> Host {
        self.faults.push((function, nth));
        self
    }
    /// As on an older host, or one that does not offer it.
    pub fn without(mut self, function: &str) -> Host {
        let host = &mut self.table.host;
        match function {
            "release" => host.release = None,
            "fresh_until" => host.fresh_until = None,
            "log" => host.log = None,
            "extension" => host.extension = None,
            _ => panic!("every host offers {:?}", function),
        }
        self
    }
    /// What has been logged: level and message.
    pub fn logged(&self) -> Vec<(i32, String)> {
        self.table.log.lock().unwrap().clone()
    }
    /// What has been asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.table.asked.lock().unwrap().clone()
    }

    /// Makes the analysis, runs it once with these parameters (as text, as a request gives them), and ends it.
    pub fn run<T: Analysis>(&self, given: &[(&str, &str)]) -> Result<Made, Failed> {
        let about = T::about();
        self.call(analysis_verbs::<T>(), &about, &about.params, given, |verbs, instance, call, params| unsafe {
            verbs.run.unwrap()(instance, call, params)
        })
    }
    pub fn fetch<T: Source>(&self, dataset: &str, given: &[(&str, &str)]) -> Result<Made, Failed> {
        self.fetched(source_verbs::<T>(), &T::about(), dataset, given)
    }
    /// What lies under the layer are the answers of this host.
    pub fn fetch_over<T: Layer>(&self, dataset: &str, given: &[(&str, &str)]) -> Result<Made, Failed> {
        self.fetched(layer_verbs::<T>(), &T::about(), dataset, given)
    }
    fn fetched(
        &self,
        verbs: bourse_component,
        about: &About,
        dataset: &str,
        given: &[(&str, &str)],
    ) -> Result<Made, Failed> {
        let place = about.datasets.iter().position(|one| one.name == dataset);
        let place = place.unwrap_or_else(|| panic!("the source declares no dataset {:?}", dataset));
        self.call(verbs, about, &about.datasets[place].params, given, |verbs, instance, call, params| unsafe {
            verbs.fetch.unwrap()(instance, call, place, params)
        })
    }
    pub fn render<T: Serializer>(&self, report: Report<'_>, given: &[(&str, &str)]) -> Result<Made, Failed> {
        let about = T::about();
        self.call(serializer_verbs::<T>(), &about, &about.params, given, |verbs, instance, call, params| unsafe {
            verbs.render.unwrap()(instance, call, params, report.wire())
        })
    }

    fn call(
        &self,
        verbs: bourse_component,
        about: &About,
        declared: &[Param],
        given: &[(&str, &str)],
        verb: impl FnOnce(&bourse_component, *mut c_void, *mut bourse_call, *const bourse_value) -> bourse_status,
    ) -> Result<Made, Failed> {
        let config: Vec<(&str, &str)> = self.config.iter().map(|(name, text)| (&**name, &**text)).collect();
        let config = params::values(&about.config, &config)?;
        let values = params::values(declared, given)?;
        let mut keeper = Keeper::default();
        let config: Vec<bourse_value> = config.iter().map(|value| keeper.value(value)).collect();
        let wire: Vec<bourse_value> = values.iter().map(|value| keeper.value(value)).collect();
        let mut instance = ptr::null_mut();
        // SAFETY: as the contract says: create, a verb, destroy; everything given lasts as long as the call.
        self.running(|call| unsafe { verbs.create.unwrap()(&self.table.host, call, config.as_ptr(), &mut instance) })?;
        let done = self.running(|call| verb(&verbs, instance, call, wire.as_ptr()));
        unsafe { verbs.destroy.unwrap()(instance) };
        let state = done?;
        let mut made = state.building.finish(&format!("testing/{}", about.id));
        made.bytes = state.bytes;
        made.headers = state.headers;
        Ok(made)
    }
    fn running(&self, call: impl FnOnce(*mut bourse_call) -> bourse_status) -> Result<State, Failed> {
        let running = Running { host: self, state: Mutex::new(State::default()) };
        let status = call(&running as *const Running<'_> as *mut bourse_call);
        let mut state = running.state.into_inner().unwrap();
        match (status, state.failure.take()) {
            (BOURSE_OK, _) if !state.broken => Ok(state), // a query that failed may have been got over
            (_, Some(failure)) => Err(failure),
            (status, None) => Err(Failed {
                status: Status(status),
                code: String::new(),
                message: "the component failed and did not say why".to_owned(),
                param: String::new(),
                retry_after: None,
            }),
        }
    }
}

// ---- what the component calls ----

impl<'h> Running<'h> {
    unsafe fn of(call: *mut bourse_call) -> &'h Running<'h> {
        // SAFETY: every call of this host is one.
        unsafe { &*(call as *const Running<'h>) }
    }
    /// Counts a use of the function, and does what is to be done, unless the test wants it to fail.
    fn used(&self, function: &'static str, body: impl FnOnce(&mut State) -> Result<(), String>) -> bourse_status {
        let mut state = self.state.lock().unwrap();
        let uses = state.uses.entry(function).or_insert(0);
        *uses += 1;
        let failed = if self.host.faults.contains(&(function, *uses)) {
            Err(("fake_failure", format!("the test lets `{}` fail", function)))
        } else {
            body(&mut state).map_err(|what| ("wrong_use", format!("`{}`: {}", function, what)))
        };
        match failed {
            Ok(()) => BOURSE_OK,
            Err((code, message)) => {
                if function != "query" && !state.broken {
                    state.broken = true;
                    state.failure = None; // what a query had recorded, and the component has got over
                }
                state.fail(Failed {
                    status: Status::INTERNAL,
                    code: code.to_owned(),
                    message,
                    param: String::new(),
                    retry_after: None,
                })
            }
        }
    }
}
impl State {
    /// The first reason is the one that counts.
    fn fail(&mut self, failure: Failed) -> bourse_status {
        let status = failure.status.0;
        self.failure.get_or_insert(failure);
        status
    }
}

fn legal(name: &str, more: &str) -> Result<(), String> {
    let first = name.bytes().next().map_or(false, |byte| byte.is_ascii_lowercase());
    let rest =
        name.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_' || more.contains(one));
    if first && rest && name.len() <= BOURSE_MAX_NAME_BYTES {
        Ok(())
    } else {
        Err(format!("{:?} is no name: it matches [a-z][a-z0-9_{}]*", name, more))
    }
}
unsafe fn owned(text: bourse_str) -> String {
    // SAFETY: the component's.
    String::from_utf8_lossy(unsafe { text.bytes() }).into_owned()
}

unsafe extern "C" fn extension(_: *const bourse_host, _: *const c_char) -> *const c_void {
    ptr::null()
}
unsafe extern "C" fn log(
    host: *const bourse_host,
    _: *mut bourse_call,
    level: i32,
    message: bourse_str,
    _: *const bourse_arg,
    _: usize,
) {
    // SAFETY: this host's table is the first of a Given.
    let table = unsafe { &*(host as *const Given) };
    table.log.lock().unwrap().push((level, unsafe { owned(message) }));
}
unsafe extern "C" fn poll(call: *mut bourse_call, ns_left: *mut i64) -> bourse_status {
    let running = unsafe { Running::of(call) };
    let mut state = running.state.lock().unwrap();
    let polls = state.uses.entry("poll").or_insert(0);
    *polls += 1;
    if running.host.polls.map_or(false, |most| *polls > most) {
        return state.fail(Failed {
            status: Status::DEADLINE,
            code: "deadline_exceeded".to_owned(),
            message: "the deadline of the test has passed".to_owned(),
            param: String::new(),
            retry_after: None,
        });
    }
    // SAFETY: the component's, or NULL.
    if let Some(left) = unsafe { ns_left.as_mut() } {
        *left = 1_000_000_000;
    }
    BOURSE_OK
}
unsafe extern "C" fn now(call: *mut bourse_call) -> i64 {
    unsafe { Running::of(call) }.host.now.0
}
unsafe extern "C" fn fail(call: *mut bourse_call, failure: *const bourse_failure) -> bourse_status {
    // SAFETY: the component's; so everywhere below.
    let (running, failure) = unsafe { (Running::of(call), &*failure) };
    let said = unsafe {
        Failed {
            status: Status(failure.status),
            code: owned(failure.code),
            message: owned(failure.message),
            param: owned(failure.param),
            retry_after: u64::try_from(failure.retry_after).ok().filter(|ns| *ns > 0).map(Duration::from_nanos),
        }
    };
    let mut state = running.state.lock().unwrap();
    // What a component says itself replaces what a query had recorded before.
    if !state.broken {
        state.failure = None;
    }
    state.fail(said)
}
unsafe extern "C" fn query(
    call: *mut bourse_call,
    n: usize,
    queries: *const *const bourse_query,
    answers: *mut bourse_answer,
) -> bourse_status {
    let running = unsafe { Running::of(call) };
    let mut first = BOURSE_OK;
    for i in 0..n {
        let query = unsafe { &**queries.add(i) };
        let asked = unsafe {
            Asked {
                dataset: owned(query.dataset),
                source: owned(query.source),
                args: items(query.args, query.n_args)
                    .iter()
                    .map(|arg| (owned(arg.name), Value::from_wire(&arg.value).into_owned()))
                    .collect(),
            }
        };
        let answer = running.bring(&asked);
        running.host.table.asked.lock().unwrap().push(asked);
        if first == BOURSE_OK && !answer.failure.is_null() {
            first = unsafe { (*answer.failure).status };
        }
        unsafe { *answers.add(i) = answer };
    }
    first
}

impl Running<'_> {
    fn bring(&self, asked: &Asked) -> bourse_answer {
        let status = self.used("query", |_| Ok(()));
        let mut state = self.state.lock().unwrap();
        let place = state.answered.entry(asked.dataset.clone()).or_insert(0);
        let brought = self.host.answers.get(&asked.dataset).map(|all| &all[(*place).min(all.len() - 1)]);
        *place += 1;
        let failed = match (status, brought) {
            (BOURSE_OK, Some(Brings::Report(made))) => {
                return bourse_answer { report: made.report().wire(), failure: ptr::null() }
            }
            (BOURSE_OK, Some(Brings::Failure(failure))) => failure.clone(),
            (BOURSE_OK, None) => Failed {
                status: Status::NOT_FOUND,
                code: "dataset_unknown".to_owned(),
                message: format!("the test gives no answer for the dataset {:?}", asked.dataset),
                param: String::new(),
                retry_after: None,
            },
            _ => state.failure.clone().expect("what fails says why"),
        };
        state.failure.get_or_insert(failed.clone());
        let mut kept = Box::new((failed, bourse_failure::NEW));
        kept.1 = bourse_failure {
            status: kept.0.status.0,
            code: bourse_str::of(&kept.0.code),
            message: bourse_str::of(&kept.0.message),
            ..bourse_failure::NEW
        };
        let failure: *const bourse_failure = &kept.1;
        state.failures.push(kept);
        bourse_answer { report: ptr::null(), failure }
    }
}

unsafe extern "C" fn release(call: *mut bourse_call, answer: *const bourse_report) -> bourse_status {
    unsafe { Running::of(call) }.used("release", |state| {
        state.released.push(answer as usize);
        Ok(())
    })
}
unsafe extern "C" fn fresh_until(call: *mut bourse_call, _: i64) -> bourse_status {
    unsafe { Running::of(call) }.used("fresh_until", |_| Ok(()))
}
unsafe extern "C" fn meta(call: *mut bourse_call, meta: *const bourse_meta) -> bourse_status {
    unsafe { Running::of(call) }.used("meta", |state| {
        let building = &mut state.building;
        let (key, value) = unsafe { (owned((*meta).key), building.arena.value(&(*meta).value)) };
        match (&*key, value.r#type) {
            ("bourse.title", BOURSE_TYPE_TEXT) => building.title = Some(unsafe { value.r#as.text }),
            ("bourse.as_of", BOURSE_TYPE_TIME) => building.as_of = unsafe { value.r#as.i64 },
            _ => {
                legal(&key, "")?;
                let key = unsafe { building.arena.str((*meta).key) };
                let copy = bourse_meta { key, value, ..bourse_meta::NEW };
                building.meta.push(building.arena.keep(vec![copy]));
            }
        }
        Ok(())
    })
}
unsafe extern "C" fn note(call: *mut bourse_call, note: *const bourse_note) -> bourse_status {
    unsafe { Running::of(call) }.used("note", |state| {
        let (note, building) = (unsafe { &*note }, &mut state.building);
        legal(&unsafe { owned(note.code) }, "")?;
        let (code, text) = unsafe { (building.arena.str(note.code), building.arena.str(note.text)) };
        let copy = bourse_note { level: note.level, code, text, ..bourse_note::NEW };
        building.notes.push(building.arena.keep(vec![copy]));
        Ok(())
    })
}
unsafe extern "C" fn scalar(call: *mut bourse_call, scalar: *const bourse_scalar) -> bourse_status {
    unsafe { Running::of(call) }.used("scalar", |state| {
        let (scalar, building) = (unsafe { &*scalar }, &mut state.building);
        legal(unsafe { text_of((*scalar.field).name) }.unwrap_or(""), ".")?;
        let (field, value) = unsafe { (building.arena.field(&*scalar.field), building.arena.value(&scalar.value)) };
        let copy = bourse_scalar { field, value, ..bourse_scalar::NEW };
        building.scalars.push(building.arena.keep(vec![copy]));
        Ok(())
    })
}
unsafe extern "C" fn table(call: *mut bourse_call, table: *const bourse_table, number: *mut u32) -> bourse_status {
    unsafe { Running::of(call) }.used("table", |state| {
        let (table, building) = (unsafe { &*table }, &mut state.building);
        legal(unsafe { text_of(table.name) }.unwrap_or(""), "")?;
        for field in unsafe { items(table.fields, table.n_fields) } {
            legal(unsafe { text_of((**field).name) }.unwrap_or(""), "")?;
        }
        if let Some(number) = unsafe { number.as_mut() } {
            *number = building.tables.len() as u32;
        }
        building.tables.push(unsafe { Growing::new(table, &mut building.arena) });
        Ok(())
    })
}
unsafe extern "C" fn rows(call: *mut bourse_call, rows: *const bourse_rows) -> bourse_status {
    unsafe { Running::of(call) }.used("rows", |state| {
        let (rows, building) = (unsafe { &*rows }, &mut state.building);
        let count = building.tables.len();
        let table = building.tables.get_mut(rows.table as usize);
        let table = table.ok_or_else(|| format!("there is no table {} of {}", rows.table, count))?;
        if rows.n_columns != table.fields.len() {
            return Err(format!("{} columns, but the table has {}", rows.n_columns, table.fields.len()));
        }
        unsafe { table.append(rows.n_rows, rows.columns, &mut building.arena) };
        Ok(())
    })
}
unsafe extern "C" fn chart(call: *mut bourse_call, chart: *const bourse_chart) -> bourse_status {
    unsafe { Running::of(call) }.used("chart", |state| {
        let (chart, building) = (unsafe { &*chart }, &mut state.building);
        let wanted = unsafe { text_of(chart.table) }.unwrap_or("");
        let name_of = |table: &&Growing| unsafe { text_of(table.name) } == Some(wanted);
        let table =
            building.tables.iter().find(name_of).ok_or_else(|| format!("there is no table {:?} yet", wanted))?;
        let mut channels = Vec::new();
        for channel in unsafe { items(chart.channels, chart.n_channels) } {
            let channel = unsafe { &**channel };
            let field = unsafe { text_of(channel.field) }.unwrap_or("");
            if !table.fields.iter().any(|one| unsafe { text_of((**one).name) } == Some(field)) {
                return Err(format!("the table {:?} has no column {:?}", wanted, field));
            }
            let copy = unsafe {
                bourse_channel {
                    field: building.arena.text(channel.field),
                    label: building.arena.text(channel.label),
                    ..*channel
                }
            };
            channels.push(building.arena.keep(vec![copy]));
        }
        let copy = unsafe {
            bourse_chart {
                flags: chart.flags,
                kind: chart.kind,
                axis: chart.axis,
                name: building.arena.text(chart.name),
                title: building.arena.text(chart.title),
                table: building.arena.text(chart.table),
                pane: building.arena.text(chart.pane),
                n_channels: channels.len(),
                channels: building.arena.keep(channels),
                n_levels: chart.n_levels,
                levels: building.arena.keep(items(chart.levels, chart.n_levels).to_vec()),
                ..bourse_chart::NEW
            }
        };
        building.charts.push(building.arena.keep(vec![copy]));
        Ok(())
    })
}
unsafe extern "C" fn header(call: *mut bourse_call, name: bourse_str, value: bourse_str) -> bourse_status {
    unsafe { Running::of(call) }.used("header", |state| {
        if !state.bytes.is_empty() {
            return Err("after the first byte".to_owned());
        }
        state.headers.push(unsafe { (owned(name), owned(value)) });
        Ok(())
    })
}
unsafe extern "C" fn write(call: *mut bourse_call, bytes: bourse_str) -> bourse_status {
    unsafe { Running::of(call) }.used("write", |state| {
        state.bytes.extend_from_slice(unsafe { bytes.bytes() });
        Ok(())
    })
}
