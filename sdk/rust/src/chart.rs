// SPDX-License-Identifier: MIT

//! What to show of a report's tables; a serializer decides how.

use std::os::raw::c_char;
use std::ptr;

use crate::error::Result;
use crate::numbers::{ChartKind, Role};
use crate::sys::*;
use crate::value::Value;
use crate::wire::Keeper;

/// `Chart::new(ChartKind::LINE, "rsi", "RSI").of("series").channel(Role::X, "open_time").channel(Role::Y, "rsi")
/// .level(30.0, "").level(70.0, "overbought").range(0.0, 100.0)`. Added after the table that it draws. An empty label is
/// none.
pub struct Chart<'a> {
    kind: ChartKind,
    name: &'a str,
    title: &'a str,
    table: &'a str,
    pane: Option<&'a str>,
    axis: i32,
    flags: u32,
    channels: Vec<(Role, &'a str, &'a str)>,
    levels: Vec<(f64, &'a str)>,
    guides: Vec<(Value<'a>, &'a str)>,
    range: Option<[f64; 2]>,
}

impl<'a> Chart<'a> {
    pub fn new(kind: ChartKind, name: &'a str, title: &'a str) -> Chart<'a> {
        Chart {
            kind,
            name,
            title,
            table: "",
            pane: None,
            axis: 0,
            flags: 0,
            channels: Vec::new(),
            levels: Vec::new(),
            guides: Vec::new(),
            range: None,
        }
    }
    /// The table, of the same report, whose columns the channels name.
    pub fn of(mut self, table: &'a str) -> Chart<'a> {
        self.table = table;
        self
    }
    /// Charts of one pane share its axes.
    pub fn pane(mut self, name: &'a str) -> Chart<'a> {
        self.pane = Some(name);
        self
    }
    pub fn channel(self, role: Role, field: &'a str) -> Chart<'a> {
        self.labelled(role, field, "")
    }
    pub fn labelled(mut self, role: Role, field: &'a str, label: &'a str) -> Chart<'a> {
        self.channels.push((role, field, label));
        self
    }
    /// A line at this y.
    pub fn level(mut self, y: f64, label: &'a str) -> Chart<'a> {
        self.levels.push((y, label));
        self
    }
    /// A line at this x, which is of the type of the column x.
    pub fn guide(mut self, x: impl Into<Value<'a>>, label: &'a str) -> Chart<'a> {
        self.guides.push((x.into(), label));
        self
    }
    /// y, or the colours of a heat map, span at least these.
    pub fn range(mut self, low: f64, high: f64) -> Chart<'a> {
        self.range = Some([low, high]);
        self
    }
    pub fn logarithmic(self) -> Chart<'a> {
        self.flagged(BOURSE_DRAW_LOGARITHMIC)
    }
    pub fn stacked(self) -> Chart<'a> {
        self.flagged(BOURSE_DRAW_STACKED)
    }
    pub fn horizontal(self) -> Chart<'a> {
        self.flagged(BOURSE_DRAW_HORIZONTAL)
    }
    /// y is counted on a second axis, on the other side of the pane.
    pub fn on_second_axis(mut self) -> Chart<'a> {
        self.axis = 1;
        self
    }
    fn flagged(mut self, flag: u32) -> Chart<'a> {
        self.flags |= flag;
        self
    }
    pub(crate) fn with_wire<R>(&self, give: impl FnOnce(&bourse_chart) -> Result<R>) -> Result<R> {
        let mut keeper = Keeper::default();
        let mut channels = Vec::new();
        for (role, field, label) in &self.channels {
            channels.push(bourse_channel {
                role: role.0,
                field: keeper.text(field)?,
                label: label_of(label, &mut keeper)?,
                ..bourse_channel::NEW
            });
        }
        let pointers: Vec<*const bourse_channel> = channels.iter().map(|one| one as *const bourse_channel).collect();
        let levels: Vec<f64> = self.levels.iter().map(|(y, _)| *y).collect();
        let level_labels = labels_of(self.levels.iter().map(|(_, label)| *label), &mut keeper)?;
        let guides: Vec<bourse_value> = self.guides.iter().map(|(x, _)| keeper.value(x)).collect();
        let guide_labels = labels_of(self.guides.iter().map(|(_, label)| *label), &mut keeper)?;
        let first = |labels: &[*const c_char]| if labels.is_empty() { ptr::null() } else { labels.as_ptr() };
        give(&bourse_chart {
            flags: self.flags,
            kind: self.kind.0,
            axis: self.axis,
            name: keeper.text(self.name)?,
            title: keeper.text(self.title)?,
            table: keeper.text(self.table)?,
            pane: keeper.maybe(self.pane)?,
            n_channels: pointers.len(),
            channels: pointers.as_ptr(),
            n_levels: levels.len(),
            levels: levels.as_ptr(),
            level_labels: first(&level_labels),
            n_guides: guides.len(),
            guides: guides.as_ptr(),
            guide_labels: first(&guide_labels),
            range: self.range.as_ref().map_or(ptr::null(), |range| range.as_ptr()),
            ..bourse_chart::NEW
        })
    }
}

fn label_of(label: &str, keeper: &mut Keeper) -> Result<*const c_char> {
    keeper.maybe(Some(label).filter(|label| !label.is_empty()))
}
/// Empty when none has one.
fn labels_of<'l>(labels: impl Iterator<Item = &'l str>, keeper: &mut Keeper) -> Result<Vec<*const c_char>> {
    let all: Vec<*const c_char> = labels.map(|label| label_of(label, keeper)).collect::<Result<_>>()?;
    Ok(if all.iter().all(|label| label.is_null()) { Vec::new() } else { all })
}
