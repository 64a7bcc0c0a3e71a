// SPDX-License-Identifier: MIT

//! Numbers that grow: a later host may send one that has no name here. Who meets it leaves out what carries it.

use std::ops::BitOr;

use crate::sys::*;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($of:ty) { $($constant:ident = $value:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(transparent)]
        pub struct $name(pub $of);
        #[allow(missing_docs)]
        impl $name {
            $(pub const $constant: $name = $name($value);)+
        }
    };
}

number! {
    /// What a value is.
    Type(i32) {
        NULL = BOURSE_TYPE_NULL, BOOL = BOURSE_TYPE_BOOL, I64 = BOURSE_TYPE_I64, F64 = BOURSE_TYPE_F64,
        DECIMAL = BOURSE_TYPE_DECIMAL, TIME = BOURSE_TYPE_TIME, TEXT = BOURSE_TYPE_TEXT, LIST = BOURSE_TYPE_LIST,
    }
}
number! {
    /// 0, or 400 to 599: the HTTP status that the client sees (of 499: 503).
    Status(i32) {
        OK = BOURSE_OK, BAD_PARAM = BOURSE_BAD_PARAM, FORBIDDEN = BOURSE_FORBIDDEN, NOT_FOUND = BOURSE_NOT_FOUND,
        UNPROCESSABLE = BOURSE_UNPROCESSABLE, TOO_MANY = BOURSE_TOO_MANY, CANCELLED = BOURSE_CANCELLED,
        INTERNAL = BOURSE_INTERNAL, UPSTREAM = BOURSE_UPSTREAM, UNAVAILABLE = BOURSE_UNAVAILABLE,
        DEADLINE = BOURSE_DEADLINE,
    }
}
number! {
    /// Of a note, or a line in the log. Between two known ones it counts as the one below.
    Level(i32) {
        DEBUG = BOURSE_LEVEL_DEBUG, INFO = BOURSE_LEVEL_INFO, WARN = BOURSE_LEVEL_WARN, ERROR = BOURSE_LEVEL_ERROR,
    }
}
number! {
    /// How a chart is drawn.
    ChartKind(i32) {
        LINE = BOURSE_CHART_LINE, AREA = BOURSE_CHART_AREA, BAR = BOURSE_CHART_BAR, SCATTER = BOURSE_CHART_SCATTER,
        CANDLE = BOURSE_CHART_CANDLE, HISTOGRAM = BOURSE_CHART_HISTOGRAM, HEATMAP = BOURSE_CHART_HEATMAP,
    }
}
number! {
    /// What a column is in a chart.
    Role(i32) {
        X = BOURSE_ROLE_X, Y = BOURSE_ROLE_Y, OPEN = BOURSE_ROLE_OPEN, HIGH = BOURSE_ROLE_HIGH,
        LOW = BOURSE_ROLE_LOW, CLOSE = BOURSE_ROLE_CLOSE, GROUP = BOURSE_ROLE_GROUP, HEAT = BOURSE_ROLE_HEAT,
        LOWER = BOURSE_ROLE_LOWER, UPPER = BOURSE_ROLE_UPPER, SIZE = BOURSE_ROLE_SIZE, COLOR = BOURSE_ROLE_COLOR,
        LABEL = BOURSE_ROLE_LABEL,
    }
}
number! {
    /// What a report holds: what an analysis or a source emits, what a serializer can show. Joined by `|`.
    Parts(u32) {
        NONE = 0, SCALARS = BOURSE_PART_SCALARS, TABLES = BOURSE_PART_TABLES, CHARTS = BOURSE_PART_CHARTS,
        NOTES = BOURSE_PART_NOTES,
    }
}

impl BitOr for Parts {
    type Output = Parts;
    fn bitor(self, other: Parts) -> Parts {
        Parts(self.0 | other.0)
    }
}
