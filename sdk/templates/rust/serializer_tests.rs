//! What the format looks like, without a server: against the host that bourse::testing brings.
use crate::@TYPE@;
use bourse::testing;
use bourse::*;

/// Makes the report that is shown.
struct Sample;
impl Analysis for Sample {
    fn about() -> About {
        About::new("sample", "Sample")
    }
    fn create(_host: Host, _config: &Values<'_>) -> Result<Self> {
        Ok(Sample)
    }
    fn run(&self, call: &Call<'_>, _params: &Values<'_>) -> Result<()> {
        call.title("Prices")?;
        call.scalar(&Field::integer("count"), 2i64)?;
        call.add(
            &Table::new("prices", "Prices")
                .column(&Field::text("symbol"), vec!["BTCUSDT", "ETHUSDT"])
                .column(&Field::decimal("price", 2), vec![Some("-0.50".parse::<Decimal>()?), None]),
        )?;
        call.warn("old", "An hour old.")
    }
}
type Host = bourse::Host;

#[test]
fn each_value_and_each_row_is_a_line() {
    let sample = testing::Host::new().run::<Sample>(&[]).unwrap();
    let made = testing::Host::new().render::<@TYPE@>(sample.report(), &[]).unwrap();
    let lines = [
        "Prices",
        "count: 2",
        "prices: symbol=BTCUSDT price=-0.50",
        "prices: symbol=ETHUSDT price=-",
        "note: An hour old.",
    ];
    assert_eq!(made.text().lines().collect::<Vec<_>>(), lines);
}

#[test]
fn the_client_may_leave_in_the_middle() {
    let sample = testing::Host::new().run::<Sample>(&[]).unwrap();
    assert!(testing::Host::new().fail_at("write", 1).render::<@TYPE@>(sample.report(), &[]).is_err());
}
