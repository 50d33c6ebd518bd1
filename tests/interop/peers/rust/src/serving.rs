//! What this peer serves, and the rate limit of the deployed nodes: 8 requests per 10 s, peer and protocol.
use base64::{engine::general_purpose::STANDARD as B64, Engine};
use libp2p::PeerId;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Served {
    head: Vec<u8>,
    commitments: BTreeMap<u64, Vec<u8>>,
    txlists: HashMap<Vec<u8>, Vec<u8>>,
    requests_per_window: u32,
    windows: HashMap<(PeerId, &'static str), (Instant, u32)>,
}

fn bytes(value: &Value) -> Vec<u8> {
    B64.decode(value.as_str().unwrap_or("")).expect("base64")
}

impl Served {
    pub fn from(order: &Value) -> Served {
        let mut served = Served {
            head: bytes(&order["head"]),
            requests_per_window: order["rate"].as_u64().unwrap_or(8) as u32,
            ..Served::default()
        };
        for item in order["commitments"].as_array().unwrap_or(&Vec::new()) {
            let raw = bytes(item);
            let number = u64::from_le_bytes(raw[1..9].try_into().expect("8 bytes"));
            served.commitments.insert(number, raw);
        }
        for item in order["txlists"].as_array().unwrap_or(&Vec::new()) {
            let raw = bytes(item);
            served.txlists.insert(raw[..32].to_vec(), raw);
        }
        served
    }

    pub fn admits(&mut self, peer: &PeerId, protocol: &'static str) -> bool {
        let now = Instant::now();
        let (begin, count) = self.windows.entry((*peer, protocol)).or_insert((now, 0));
        if now.duration_since(*begin) >= WINDOW {
            (*begin, *count) = (now, 0);
        }
        *count += 1;
        *count <= self.requests_per_window.max(1)
    }

    /// The SSZ response, or nothing when the request is not decodable.
    pub fn answer(&self, protocol: &str, request: &[u8]) -> Option<Vec<u8>> {
        match protocol {
            "get_head" => {
                (request == [4, 0, 0, 0]).then(|| if self.head.is_empty() { vec![0; 64] } else { self.head.clone() })
            }
            "get_commitments_by_number" => {
                if request.len() != 36 || request[8..32].iter().any(|b| *b != 0) {
                    return None;
                }
                let start = u64::from_le_bytes(request[..8].try_into().ok()?);
                let count = u32::from_le_bytes(request[32..].try_into().ok()?).min(256) as usize;
                let mut body = vec![4, 0, 0, 0];
                for (_, raw) in self.commitments.range(start..).take(count) {
                    body.extend_from_slice(raw);
                }
                Some(body)
            }
            _ => {
                if request.len() != 32 {
                    return None;
                }
                Some(self.txlists.get(request).cloned().unwrap_or_else(|| {
                    let mut body = request.to_vec();
                    body.extend_from_slice(&[36, 0, 0, 0]);
                    body
                }))
            }
        }
    }
}
