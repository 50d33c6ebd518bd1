//! A node of the permissionless preconfirmation network on rust-libp2p, the stack of the deployed
//! nodes, as a process that a test drives: one JSON object per line in (orders) and out (what
//! happened). The orders and events are in the README two folders up.
mod behaviour;
mod codec;
mod serving;

use base64::{engine::general_purpose::STANDARD as B64, Engine};
use behaviour::{Behaviour, BehaviourEvent};
use futures::StreamExt;
use libp2p::gossipsub::{self, IdentTopic, MessageAcceptance};
use libp2p::identity::{self, Keypair};
use libp2p::request_response::{self, OutboundRequestId};
use libp2p::swarm::SwarmEvent;
use libp2p::{identify, noise, ping, tcp, yamux, Multiaddr, PeerId, Swarm, SwarmBuilder};
use serde_json::{json, Value};
use serving::Served;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt, BufReader};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hex")).collect()
}

fn tell(event: Value) {
    println!("{event}");
}

fn keypair(kind: &str, secret: &str) -> Keypair {
    let mut bytes = unhex(secret);
    match kind {
        "ed25519" => Keypair::ed25519_from_bytes(bytes).expect("ed25519 key"),
        "secp256k1" => {
            let key = identity::secp256k1::SecretKey::try_from_bytes(&mut bytes).expect("secp256k1 key");
            identity::secp256k1::Keypair::from(key).into()
        }
        _ => panic!("key type {kind}"),
    }
}

/// A request of ours that has no answer yet.
struct Asked {
    reference: Value,
    at: Instant,
}

struct Node {
    swarm: Swarm<Behaviour>,
    topics: HashMap<&'static str, IdentTopic>,
    asked: HashMap<(&'static str, OutboundRequestId), Asked>,
    served: Served,
    reject_prefix: Vec<u8>,
    ignore_prefix: Vec<u8>,
}

impl Node {
    fn start(order: &Value) -> Node {
        let key = keypair(order["key_type"].as_str().expect("key_type"), order["secret"].as_str().expect("secret"));
        let chain = order["chain"].as_u64().unwrap_or(167_000);
        let topics = HashMap::from([
            ("commitments", IdentTopic::new(format!("/taiko/{chain}/0/preconfirmationCommitments"))),
            ("txlists", IdentTopic::new(format!("/taiko/{chain}/0/rawTxLists"))),
        ]);
        let list: Vec<IdentTopic> = topics.values().cloned().collect();
        let mut swarm = SwarmBuilder::with_existing_identity(key)
            .with_tokio()
            .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
            .expect("transport")
            .with_dns()
            .expect("dns")
            .with_behaviour(|key| behaviour::make(key, chain, &list))
            .expect("behaviour")
            .build();
        let listen: Multiaddr = order["listen"].as_str().expect("listen").parse().expect("multiaddr");
        swarm.listen_on(listen).expect("listen");
        Node {
            swarm,
            topics,
            asked: HashMap::new(),
            served: Served::default(),
            reject_prefix: Vec::new(),
            ignore_prefix: Vec::new(),
        }
    }

    fn peer_of(order: &Value) -> PeerId {
        order["peer"].as_str().expect("peer").parse().expect("peer id")
    }

    fn order(&mut self, order: &Value) {
        match order["op"].as_str().unwrap_or("") {
            "dial" => {
                let address: Multiaddr = order["addr"].as_str().expect("addr").parse().expect("multiaddr");
                if let Err(error) = self.swarm.dial(address) {
                    tell(json!({"ev": "dial_failed", "reason": error.to_string()}));
                }
            }
            "hangup" => {
                let _ = self.swarm.disconnect_peer_id(Self::peer_of(order));
            }
            "publish" => self.publish(order),
            "request" => self.request(order),
            "serve" => {
                self.served = Served::from(order);
                tell(json!({"ev": "serving", "ref": order["ref"]}));
            }
            "verdicts" => {
                self.reject_prefix = unhex(order["reject"].as_str().unwrap_or(""));
                self.ignore_prefix = unhex(order["ignore"].as_str().unwrap_or(""));
                tell(json!({"ev": "verdicts_set", "ref": order["ref"]}));
            }
            "stats" => self.stats(order),
            other => tell(json!({"ev": "unknown_order", "op": other})),
        }
    }

    fn publish(&mut self, order: &Value) {
        let topic = self.topics[order["topic"].as_str().expect("topic")].clone();
        let data = B64.decode(order["data"].as_str().expect("data")).expect("base64");
        match self.swarm.behaviour_mut().gossipsub.publish(topic, data) {
            Ok(id) => tell(json!({"ev": "published", "ref": order["ref"], "id": hex(&id.0)})),
            Err(error) => tell(json!({"ev": "publish_failed", "ref": order["ref"], "reason": error.to_string()})),
        }
    }

    fn request(&mut self, order: &Value) {
        let peer = Self::peer_of(order);
        let body = B64.decode(order["body"].as_str().expect("body")).expect("base64");
        let behaviour = self.swarm.behaviour_mut();
        let (name, exchange) = match order["protocol"].as_str().expect("protocol") {
            "get_head" => ("get_head", &mut behaviour.head),
            "get_commitments_by_number" => ("get_commitments_by_number", &mut behaviour.commitments),
            "get_raw_txlist" => ("get_raw_txlist", &mut behaviour.txlist),
            other => panic!("protocol {other}"),
        };
        let id = exchange.send_request(&peer, body);
        self.asked.insert((name, id), Asked { reference: order["ref"].clone(), at: Instant::now() });
    }

    fn stats(&self, order: &Value) {
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
        let ms = |t: libc::timeval| t.tv_sec as f64 * 1e3 + t.tv_usec as f64 / 1e3;
        let gossip = &self.swarm.behaviour().gossipsub;
        let mesh: serde_json::Map<String, Value> = self
            .topics
            .iter()
            .map(|(name, topic)| ((*name).to_string(), json!(gossip.mesh_peers(&topic.hash()).count())))
            .collect();
        tell(json!({"ev": "stats", "ref": order["ref"], "cpu_ms": ms(usage.ru_utime) + ms(usage.ru_stime),
            "rss_kib": usage.ru_maxrss, "mesh": mesh, "peers": self.swarm.connected_peers().count()}));
    }

    fn on_exchange(&mut self, name: &'static str, event: request_response::Event<Vec<u8>, Vec<u8>>) {
        use request_response::{Event, Message};
        match event {
            Event::Message { peer, message: Message::Request { request, channel, .. }, .. } => {
                if !self.served.admits(&peer, name) {
                    tell(json!({"ev": "fault", "peer": peer.to_string(), "protocol": name, "reason": "rate"}));
                    return;
                }
                let Some(body) = self.served.answer(name, &request) else {
                    tell(json!({"ev": "fault", "peer": peer.to_string(), "protocol": name, "reason": "undecodable"}));
                    return;
                };
                let behaviour = self.swarm.behaviour_mut();
                let exchange = match name {
                    "get_head" => &mut behaviour.head,
                    "get_commitments_by_number" => &mut behaviour.commitments,
                    _ => &mut behaviour.txlist,
                };
                let _ = exchange.send_response(channel, body);
            }
            Event::Message { message: Message::Response { request_id, response }, .. } => {
                if let Some(asked) = self.asked.remove(&(name, request_id)) {
                    tell(json!({"ev": "response", "ref": asked.reference, "body": B64.encode(response),
                        "ms": asked.at.elapsed().as_secs_f64() * 1e3}));
                }
            }
            Event::OutboundFailure { peer, request_id, error, .. } => {
                let asked = self.asked.remove(&(name, request_id));
                tell(json!({"ev": "request_failed", "ref": asked.map(|a| a.reference), "peer": peer.to_string(),
                    "reason": error.to_string()}));
            }
            Event::InboundFailure { peer, error, .. } => {
                tell(json!({"ev": "fault", "peer": peer.to_string(), "protocol": name, "reason": error.to_string()}));
            }
            Event::ResponseSent { .. } => {}
        }
    }

    fn on_message(&mut self, source: PeerId, id: gossipsub::MessageId, message: gossipsub::Message) {
        let starts = |prefix: &Vec<u8>| !prefix.is_empty() && message.data.starts_with(prefix);
        let verdict = if starts(&self.reject_prefix) {
            MessageAcceptance::Reject
        } else if starts(&self.ignore_prefix) {
            MessageAcceptance::Ignore
        } else {
            MessageAcceptance::Accept
        };
        self.swarm.behaviour_mut().gossipsub.report_message_validation_result(&id, &source, verdict);
        let topic = self.topics.iter().find(|(_, t)| t.hash() == message.topic).map_or("other", |(name, _)| *name);
        tell(json!({"ev": "message", "topic": topic, "id": hex(&id.0), "source": source.to_string(),
            "from": message.source.map(|p| p.to_string()), "size": message.data.len(),
            "sha256": hex(&Sha256::digest(&message.data))}));
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Gossipsub(gossipsub::Event::Message { propagation_source, message_id, message }) => {
                self.on_message(propagation_source, message_id, message);
            }
            BehaviourEvent::Gossipsub(gossipsub::Event::Subscribed { peer_id, topic }) => {
                let name = self.topics.iter().find(|(_, t)| t.hash() == topic).map_or("other", |(name, _)| *name);
                tell(json!({"ev": "subscribed", "peer": peer_id.to_string(), "topic": name}));
            }
            BehaviourEvent::Gossipsub(gossipsub::Event::GossipsubNotSupported { peer_id }) => {
                tell(json!({"ev": "fault", "peer": peer_id.to_string(), "reason": "gossipsub not supported"}));
            }
            BehaviourEvent::Gossipsub(gossipsub::Event::SlowPeer { peer_id, .. }) => {
                tell(json!({"ev": "slow_peer", "peer": peer_id.to_string()}));
            }
            BehaviourEvent::Gossipsub(gossipsub::Event::Unsubscribed { .. }) => {}
            BehaviourEvent::Head(event) => self.on_exchange("get_head", event),
            BehaviourEvent::Commitments(event) => self.on_exchange("get_commitments_by_number", event),
            BehaviourEvent::Txlist(event) => self.on_exchange("get_raw_txlist", event),
            BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. }) => {
                let protocols: Vec<String> = info.protocols.iter().map(ToString::to_string).collect();
                tell(json!({"ev": "identified", "peer": peer_id.to_string(), "protocols": protocols,
                    "agent": info.agent_version, "version": info.protocol_version,
                    "observed": info.observed_addr.to_string()}));
            }
            BehaviourEvent::Identify(identify::Event::Error { peer_id, error, .. }) => {
                tell(json!({"ev": "fault", "peer": peer_id.to_string(), "reason": format!("identify: {error}")}));
            }
            BehaviourEvent::Identify(_) => {}
            BehaviourEvent::Ping(ping::Event { peer, result, .. }) => match result {
                Ok(rtt) => tell(json!({"ev": "pong", "peer": peer.to_string(), "ms": rtt.as_secs_f64() * 1e3})),
                Err(error) => {
                    tell(json!({"ev": "fault", "peer": peer.to_string(), "reason": format!("ping: {error}")}));
                }
            },
        }
    }

    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => {
                let peer = *self.swarm.local_peer_id();
                tell(json!({"ev": "started", "peer_id": peer.to_string(), "addr": format!("{address}/p2p/{peer}")}));
            }
            SwarmEvent::ConnectionEstablished { peer_id, endpoint, .. } => {
                tell(json!({"ev": "connected", "peer": peer_id.to_string(), "inbound": endpoint.is_listener()}));
            }
            SwarmEvent::ConnectionClosed { peer_id, cause, num_established, .. } => {
                tell(json!({"ev": "disconnected", "peer": peer_id.to_string(), "left": num_established,
                    "reason": cause.map(|c| c.to_string())}));
            }
            SwarmEvent::OutgoingConnectionError { error, .. } => {
                tell(json!({"ev": "dial_failed", "reason": error.to_string()}));
            }
            SwarmEvent::IncomingConnectionError { error, .. } => {
                tell(json!({"ev": "incoming_failed", "reason": error.to_string()}));
            }
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            _ => {}
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut lines = BufReader::with_capacity(1 << 20, tokio::io::stdin()).lines();
    let first = lines.next_line().await.expect("stdin").expect("an order");
    let mut node = Node::start(&serde_json::from_str(&first).expect("JSON"));
    loop {
        tokio::select! {
            line = lines.next_line() => match line {
                Ok(Some(line)) => node.order(&serde_json::from_str(&line).expect("JSON")),
                _ => return,
            },
            event = node.swarm.select_next_some() => node.on_event(event),
        }
    }
}
