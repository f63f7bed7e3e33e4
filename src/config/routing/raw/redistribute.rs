//! What OSPF announces of others: `redistribute`, a table by source or a list, and `default-originate`.

use crate::config::keys::{Named, Reading, Shape, Takes, Value, bounded, table, words};
use crate::config::routing::ospf::Redistribute;
use crate::config::source::Located;
use crate::types::PolicyName;

table! {
    /// Routes of another origin as OSPF announces them.
    struct ExternalRaw {
        /// The route-map that chooses among them; BGP's are not announced without one.
        "route-map" => route_map: PolicyName, since("0.3.0"), example("\"TO-OSPF\""), otherwise("all of them"), also(&["policy", "filter"]);
        /// Their metric.
        "metric" => metric: ExternalMetric, since("0.3.0"), example("20"), otherwise("FRR's: 20, 1 for those of BGP, 10 for the default route");
        /// 1 when the cost of the way to this router is added to the metric; else 2.
        "metric-type" => metric_type: MetricType, since("0.3.0"), example("1"), default("2");
    }

    /// The default route as OSPF announces it.
    struct DefaultRouteRaw includes external: ExternalRaw {
        /// Whether it is announced without one in the routing table, too.
        "always" => always: bool, since("0.3.0"), example("true"), default("false");
    }

    /// Routes that are announced, as an item of a list.
    struct FilteredRaw includes external: ExternalRaw {
        /// Where they come from.
        "from" => source: Redistribute, required(), since("0.3.0"), example("\"bgp\""), also(&["source", "protocol"]);
    }
}

bounded! {
    /// The metric of a route from outside: 24 bits, the largest of which is none.
    ExternalMetric(u32) = 0..=16_777_214, "a metric from 0 to 16777214";
    /// Whether the cost within OSPF counts.
    MetricType(u8) = 1..=2, "1 or 2";
}

words! {
    Redistribute {
        "kernel" => Redistribute::Kernel,
        "connected" => Redistribute::Connected,
        "static" => Redistribute::Static,
        "isis" => Redistribute::Isis,
        "bgp" => Redistribute::Bgp,
    }
}

/// What is announced of each source, in the order of the document; no source is there twice.
#[derive(Debug, Clone)]
pub(in crate::config) struct RedistributeRaw(pub(in crate::config) Vec<Located<AnnouncedRaw>>);

/// The routes of one source.
#[derive(Debug, Clone)]
pub(in crate::config) struct AnnouncedRaw {
    /// Where they come from.
    pub(in crate::config) source: Redistribute,
    /// How they are announced.
    pub(in crate::config) external: ExternalRaw,
}

impl AnnouncedRaw {
    /// The route-map that chooses.
    pub(in crate::config) fn route_map(&self) -> Option<Located<&PolicyName>> {
        self.external.route_map.located()
    }
}

impl Takes for AnnouncedRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !value.is_table() {
            return Some(Self {
                source: Redistribute::read(value, reading)?,
                external: ExternalRaw::default(),
            });
        }
        let raw = FilteredRaw::read(value, reading)?;
        Some(Self {
            source: raw.source.value()?,
            external: raw.external,
        })
    }

    fn shape() -> Shape {
        Shape::Either(vec![Redistribute::shape(), FilteredRaw::shape()])
    }
}

impl Takes for RedistributeRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !value.is_table() {
            return Takes::read(value, reading).map(Self);
        }
        let named = Named::<Redistribute, ExternalRaw>::read(value, reading)?;
        let announced = |(source, table): (Located<Redistribute>, Located<ExternalRaw>)| Located {
            value: AnnouncedRaw {
                source: source.value,
                external: table.value,
            },
            span: source.span,
        };
        Some(Self(named.into_entries().into_iter().map(announced).collect()))
    }

    fn shape() -> Shape {
        Shape::Either(vec![
            Named::<Redistribute, ExternalRaw>::shape(),
            Vec::<Located<AnnouncedRaw>>::shape(),
        ])
    }
}
