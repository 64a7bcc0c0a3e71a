// SPDX-License-Identifier: MIT

//! Asking sources for data.

use crate::sys::*;
use crate::value::Value;
use crate::wire::Keeper;

/// One question: a dataset and its arguments by name. The host checks them against the dataset's declaration and fills
/// in defaults: `Query::new("candles").with("symbol", symbol).with("limit", 350)`.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    dataset: &'a str,
    source: &'a str,
    args: Vec<(&'a str, Value<'a>)>,
}

impl<'a> Query<'a> {
    pub fn new(dataset: &'a str) -> Query<'a> {
        Query { dataset, source: "", args: Vec::new() }
    }
    /// Asks this source of the configuration instead of the route's.
    pub fn from_source(mut self, name: &'a str) -> Query<'a> {
        self.source = name;
        self
    }
    /// A `Vec` is a list. `None` and NaN are left out: the dataset's default holds then.
    pub fn with(mut self, name: &'a str, value: impl Into<Value<'a>>) -> Query<'a> {
        match value.into() {
            Value::Null => {}
            value => self.args.push((name, value)),
        }
        self
    }
    /// What the answer would be asked for, in tests of a fake host.
    pub fn dataset(&self) -> &str {
        self.dataset
    }
}

/// Queries as they go over the wire; they borrow from the `Query`s.
pub(crate) struct WireQueries {
    pub pointers: Vec<*const bourse_query>,
    _queries: Vec<bourse_query>,
    _args: Vec<Vec<bourse_arg>>,
    _keeper: Keeper,
}

impl WireQueries {
    pub fn of(queries: &[Query<'_>]) -> WireQueries {
        let mut keeper = Keeper::default();
        let mut arg =
            |(name, value): &(&str, Value<'_>)| bourse_arg { name: bourse_str::of(name), value: keeper.value(value) };
        let args: Vec<Vec<bourse_arg>> =
            queries.iter().map(|query| query.args.iter().map(&mut arg).collect()).collect();
        let wire: Vec<bourse_query> = queries
            .iter()
            .zip(&args)
            .map(|(query, args)| bourse_query {
                dataset: bourse_str::of(query.dataset),
                source: bourse_str::of(query.source),
                n_args: args.len(),
                args: args.as_ptr(),
                ..bourse_query::NEW
            })
            .collect();
        WireQueries {
            pointers: wire.iter().map(|query| query as *const bourse_query).collect(),
            _queries: wire, // moving a Vec does not move its items
            _args: args,
            _keeper: keeper,
        }
    }
}
