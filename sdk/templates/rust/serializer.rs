//! @NAME@: a report as plain text, a line for each value and each row.
use bourse::*;

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::I64(value) => value.to_string(),
        Value::F64(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Time(value) => value.to_string(),
        Value::Text(value) => value.to_string(),
        _ => "-".to_owned(), // null, and types of later versions
    }
}

struct @TYPE@;

impl Serializer for @TYPE@ {
    fn about() -> About {
        About::new("@ID@", "@NAME@")
            .doc("A line for each value and each row.")
            .parts(Parts::SCALARS | Parts::TABLES | Parts::NOTES)
            .pure()
            .media_type("text/plain; charset=utf-8", "txt")
    }

    fn create(_host: Host, _config: &Values<'_>) -> Result<Self> {
        Ok(@TYPE@)
    }

    fn render(&self, call: &Call<'_>, _params: &Values<'_>, report: Report<'_>) -> Result<()> {
        let mut out = call.out(); // collects, and hands on in blocks
        writeln!(out, "{}", report.title())?;
        for scalar in report.scalars() {
            writeln!(out, "{}: {}", scalar.field.name, shown(&scalar.value))?;
        }
        for table in report.tables() {
            let names: Vec<&str> = table.fields().map(|field| field.name).collect();
            for row in 0..table.rows() {
                write!(out, "{}:", table.name())?;
                for (column, name) in names.iter().enumerate() {
                    write!(out, " {}={}", name, shown(&table.cell(column, row)))?;
                }
                writeln!(out)?;
            }
        }
        for note in report.notes() {
            writeln!(out, "note: {}", note.text)?;
        }
        out.end()
    }
}

plugin! { name: "@PLUGIN@", version: "0.1.0", components: [serializer @TYPE@] }

#[cfg(test)]
mod tests;
