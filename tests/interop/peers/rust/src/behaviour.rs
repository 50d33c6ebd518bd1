//! The behaviours of a node of the permissionless preconfirmation network, with its parameters.
use crate::codec::Frames;
use libp2p::gossipsub::{
    self, IdentTopic, Message, MessageAuthenticity, MessageId, PeerScoreParams, PeerScoreThresholds, TopicScoreParams,
    ValidationMode,
};
use libp2p::identity::Keypair;
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::NetworkBehaviour;
use libp2p::{identify, ping, StreamProtocol};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::time::Duration;

pub type Exchange = request_response::Behaviour<Frames>;

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    pub gossipsub: gossipsub::Behaviour,
    pub head: Exchange,
    pub commitments: Exchange,
    pub txlist: Exchange,
    pub identify: identify::Behaviour,
    pub ping: ping::Behaviour,
}

pub fn message_id(data: &[u8]) -> [u8; 20] {
    let mut hash = Sha256::new();
    let inflated = snap::raw::Decoder::new().decompress_vec(data);
    match &inflated {
        Ok(plain) => {
            hash.update([1, 0, 0, 0]);
            hash.update(plain);
        }
        Err(_) => {
            hash.update([0, 0, 0, 0]);
            hash.update(data);
        }
    }
    hash.finalize()[..20].try_into().expect("20 bytes of 32")
}

fn gossip(key: &Keypair, topics: &[IdentTopic]) -> gossipsub::Behaviour {
    let config = gossipsub::ConfigBuilder::default()
        .mesh_n(8)
        .mesh_n_low(6)
        .mesh_n_high(12)
        .gossip_lazy(6)
        .heartbeat_interval(Duration::from_millis(500))
        .history_length(12)
        .history_gossip(3)
        .fanout_ttl(Duration::from_secs(60))
        .duplicate_cache_time(Duration::from_secs(120))
        .max_transmit_size(10 * 1024 * 1024)
        .flood_publish(false)
        .support_floodsub()
        .validation_mode(ValidationMode::Strict)
        .validate_messages()
        .message_id_fn(|message: &Message| MessageId::from(message_id(&message.data).to_vec()))
        .build()
        .expect("gossipsub configuration");
    let mut behaviour =
        gossipsub::Behaviour::new(MessageAuthenticity::Signed(key.clone()), config).expect("gossipsub behaviour");
    let topic_score = TopicScoreParams {
        topic_weight: 1.0,
        time_in_mesh_weight: 0.0,
        first_message_deliveries_weight: 0.5,
        first_message_deliveries_decay: 0.999,
        first_message_deliveries_cap: 20.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        invalid_message_deliveries_weight: -2.0,
        invalid_message_deliveries_decay: 0.99,
        time_in_mesh_quantum: Duration::from_secs(1),
        time_in_mesh_cap: 3600.0,
        ..TopicScoreParams::default()
    };
    let score = PeerScoreParams {
        topics: topics.iter().map(|t| (t.hash(), topic_score.clone())).collect::<HashMap<_, _>>(),
        app_specific_weight: 1.0,
        ip_colocation_factor_weight: 0.0,
        behaviour_penalty_weight: 0.0,
        slow_peer_weight: 0.0,
        decay_interval: Duration::from_secs(10),
        decay_to_zero: 0.1,
        ..PeerScoreParams::default()
    };
    let thresholds = PeerScoreThresholds {
        gossip_threshold: -1.0,
        publish_threshold: -2.0,
        graylist_threshold: -5.0,
        accept_px_threshold: 0.0,
        opportunistic_graft_threshold: 0.5,
    };
    behaviour.with_peer_score(score, thresholds).expect("scores active");
    for topic in topics {
        behaviour.subscribe(topic).expect("subscribed");
    }
    behaviour
}

fn exchange(chain: u64, name: &str, request_max: usize, response_max: usize) -> Exchange {
    let protocol = StreamProtocol::try_from_owned(format!("/taiko/{chain}/preconf/1/{name}")).expect("protocol id");
    let config = request_response::Config::default().with_request_timeout(Duration::from_secs(10));
    Exchange::with_codec(Frames { request_max, response_max }, [(protocol, ProtocolSupport::Full)], config)
}

pub fn make(key: &Keypair, chain: u64, topics: &[IdentTopic]) -> Behaviour {
    Behaviour {
        gossipsub: gossip(key, topics),
        head: exchange(chain, "get_head", 128, 65_536),
        commitments: exchange(chain, "get_commitments_by_number", 512, 1_048_576),
        txlist: exchange(chain, "get_raw_txlist", 256, 2_101_248),
        identify: identify::Behaviour::new(identify::Config::new("preconf-p2p/0.1".into(), key.public())),
        ping: ping::Behaviour::new(ping::Config::new()),
    }
}
