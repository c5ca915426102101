/** Directives of which one sentence is all that there is to say: verdict, sentence, names. */
import type { Verdict } from './finding.ts';

type Row = readonly [verdict: Verdict, message: string, names: string];

/** Without a part in who may go where. */
export const QUIET: readonly Row[] = [
  [
    'dropped',
    'Weir has one process for each worker, and the system places them',
    'cpu_affinity_map shared_memory_locking hopeless_kid_revival_delay',
  ],
  [
    'dropped',
    'How it is run is for systemd or the container',
    'pid_filename coredump_dir cache_effective_user cache_effective_group umask chroot max_filedescriptors sleep_after_fork windows_ipaddrchangemonitor',
  ],
  [
    'dropped',
    'Weir has an operational log on standard error, by log.level',
    'cache_log debug_options cache_log_message log_mime_hdrs logfile_rotate logfile_daemon buffered_logs stats_collection',
  ],
  [
    'dropped',
    'Fields of log lines are fixed (docs/access-log.md); queries are always left out',
    'logformat strip_query_terms client_netmask icap_log emulate_httpd_log forward_log referer_log useragent_log log_fqdn log_icap log_uses_indirect_client',
  ],
  [
    'dropped',
    'Weir has metrics for that (docs/metrics.md)',
    'snmp_port snmp_access snmp_incoming_address snmp_outgoing_address high_response_time_warning high_page_fault_warning high_memory_warning',
  ],
  [
    'dropped',
    'Weir has no cache manager; its admin address answers GET only',
    'cachemgr_passwd cache_mgr mail_from mail_program announce_period announce_host announce_file announce_port',
  ],
  [
    'dropped',
    'Weir shares no cache with others',
    'icp_port icp_access htcp_port htcp_access htcp_clr_access log_icp_queries udp_incoming_address udp_outgoing_address icp_hit_stale minimum_direct_hops minimum_direct_rtt netdb_low netdb_high netdb_ping_period netdb_filename query_icmp test_reachability icp_query_timeout maximum_icp_query_timeout minimum_icp_query_timeout background_ping_rate mcast_groups mcast_miss_addr mcast_miss_ttl mcast_miss_port mcast_miss_encode_key mcast_icp_query_timeout digest_generation digest_bits_per_entry digest_rebuild_period digest_rewrite_period digest_swapout_chunk_size digest_rebuild_chunk_percentage neighbor_type_domain pinger_program pinger_enable',
  ],
  [
    'dropped',
    'Weir has its own: peers are tried again after a back-off',
    'dead_peer_timeout forward_max_tries connect_retries retry_on_error',
  ],
  [
    'dropped',
    'Weir has its own limits for heads: 64 KiB and 200 fields',
    'request_header_max_size reply_header_max_size client_request_buffer_max_size read_ahead_gap',
  ],
  [
    'dropped',
    'Weir has its own clocks for this',
    'write_timeout pconn_lifetime server_idle_pconn_timeout ftp_client_idle_timeout ident_timeout happy_eyeballs_connect_timeout happy_eyeballs_connect_gap happy_eyeballs_connect_limit',
  ],
  [
    'dropped',
    'Connections are kept as HTTP says',
    'client_persistent_connections server_persistent_connections persistent_connection_after_error detect_broken_pconn pipeline_prefetch server_pconn_for_nonretriable tcp_recv_bufsize accept_filter',
  ],
  [
    'dropped',
    'Weir asks for absolute names only, as DNS says',
    'dns_retransmit_interval dns_packet_max dns_defnames dns_multicast_local append_domain ignore_unknown_nameservers ipcache_size ipcache_low ipcache_high fqdncache_size check_hostnames allow_underscore dns_v4_first balance_on_multiple_ip',
  ],
  ['dropped', 'Memory is bounded by itself', 'memory_pools memory_pools_limit client_db'],
  [
    'dropped',
    'Weir knows neither FTP nor gopher nor WAIS',
    'ftp_port ftp_user ftp_passive ftp_epsv_all ftp_epsv ftp_eprt ftp_sanitycheck ftp_telnet_protocol ftp_list_width wais_relay_host wais_relay_port',
  ],
  [
    'dropped',
    'Weir is an explicit proxy only',
    'wccp_router wccp2_router wccp_version wccp2_rebuild_wait wccp2_forwarding_method wccp2_return_method wccp2_assignment_method wccp2_service wccp2_service_info wccp2_weight wccp_address wccp2_address host_verify_strict client_dst_passthru spoof_client_ip httpd_accel_surrogate_id http_accel_surrogate_remote esi_parser',
  ],
  [
    'dropped',
    'Answers of Weir are short and say what to check; phrases are fixed',
    'icon_directory global_internal_static short_icon_urls error_directory error_default_language error_log_languages err_page_stylesheet err_html_text email_err_data httpd_suppress_version_string mime_table',
  ],
  [
    'dropped',
    'Weir reads HTTP strictly',
    'relaxed_header_parser uri_whitespace request_entities broken_posts vary_ignore_expire force_request_body_continuation',
  ],
  [
    'dropped',
    'Packets are marked by the system',
    'tcp_outgoing_tos clientside_tos tcp_outgoing_mark mark_client_packet mark_client_connection qos_flows',
  ],
  [
    'dropped',
    'Only for ACLs that Weir does not have',
    'eui_lookup ident_lookup_access authenticate_cache_garbage_interval authenticate_ttl authenticate_ip_ttl auth_schemes as_whois_server note acl_uses_indirect_client delay_pool_uses_indirect_client tproxy_uses_indirect_client adaptation_uses_indirect_client',
  ],
  [
    'dropped',
    'Weir speaks no TLS to origins: what is in a tunnel is between its ends',
    'tls_outgoing_options tls_key_log ssl_unclean_shutdown ssl_engine sslproxy_session_ttl sslproxy_session_cache_size sslproxy_foreign_intermediate_certs sslproxy_cert_sign_hash sslproxy_cert_error sslproxy_cert_sign sslproxy_cert_adapt sslpassword_program sslcrtd_program sslcrtd_children sslcrtvalidator_program sslcrtvalidator_children sslproxy_cafile sslproxy_capath sslproxy_cipher sslproxy_client_certificate sslproxy_client_key sslproxy_flags sslproxy_options sslproxy_version',
  ],
  [
    'dropped',
    'Squid itself does not know it any more',
    'broken_vary_encoding cache_peer_domain cache_vary chunked_request_body_max_size dns_testnames dns_v4_fallback error_map extension_methods external_refresh_check hierarchy_stoplist httpd_accel_no_pmtu_disc ie_refresh ignore_expect_100 ignore_ims_on_miss incoming_rate log_access log_ip_on_direct maximum_single_addr_tries refresh_stale_hit server_http11 update_headers upgrade_http0.9 url_rewrite_concurrency zero_buffers zph_local',
  ],
  [
    'dropped',
    'The event loop tunes itself',
    'incoming_dns_average incoming_tcp_average incoming_udp_average min_dns_poll_cnt min_tcp_poll_cnt min_udp_poll_cnt',
  ],
  ['same', 'It asks for nothing; Weir finds loops by Via', 'hostname_aliases'],
  [
    'dropped',
    'Not carried over: write cache by hand (docs/migrating-from-squid.md, "The cache")',
    'cache_dir cache_mem cache maximum_object_size minimum_object_size maximum_object_size_in_memory memory_cache_shared memory_cache_mode memory_replacement_policy cache_replacement_policy store_dir_select_algorithm max_open_disk_fds cache_swap_low cache_swap_high cache_store_log cache_swap_state diskd_program unlinkd_program store_id_program store_id_extras store_id_children store_id_access store_id_bypass send_hit store_miss refresh_pattern max_stale refresh_all_ims reload_into_ims quick_abort_min quick_abort_max quick_abort_pct negative_ttl range_offset_limit minimum_expiry_time store_avg_object_size store_objects_per_bucket collapsed_forwarding collapsed_forwarding_access shared_transient_entries_limit cache_miss_revalidate offline_mode',
  ],
  [
    'dropped',
    'Not carried over: write routes.sourceAddress by hand (docs/configuration.md)',
    'tcp_outgoing_address',
  ],
];

/** What kept something from passing, or changed what passed. */
export const FILTERS: readonly Row[] = [
  [
    'dangerous',
    'Weir calls no rewriters: whatever it refused or sent elsewhere passes, where the rules allow it',
    'url_rewrite_program url_rewrite_access url_rewrite_children url_rewrite_host_header url_rewrite_bypass url_rewrite_extras url_rewrite_timeout redirect_program location_rewrite_program',
  ],
  [
    'dangerous',
    'Weir has no content filters: whatever it refused passes, where the rules allow it',
    'icap_enable icap_service icap_class icap_access icap_connect_timeout icap_io_timeout icap_service_failure_limit icap_service_revival_delay icap_preview_enable icap_preview_size icap_206_enable icap_default_options_ttl icap_persistent_connections icap_client_username_header icap_client_username_encode icap_retry icap_retry_limit adaptation_send_client_ip adaptation_send_username ecap_enable ecap_service loadable_modules adaptation_service_set adaptation_service_chain adaptation_access adaptation_service_iteration_limit adaptation_masterx_shared_names adaptation_meta',
  ],
  [
    'dangerous',
    'Weir limits the size of no body: what was too large passes',
    'request_body_max_size reply_body_max_size',
  ],
  [
    'changed',
    'Weir passes fields on as they are, but for those of one hop: this one stays',
    'reply_header_access header_access',
  ],
  [
    'changed',
    'Weir adds and replaces no fields',
    'request_header_replace reply_header_replace request_header_add reply_header_add',
  ],
  [
    'changed',
    'Upgrades are allowed by rule: write upgrade: [websocket] into the rule that allows',
    'http_upgrade_request_protocols',
  ],
  ['changed', 'In a tunnel any protocol passes, as it is', 'on_unsupported_protocol'],
  [
    'dropped',
    'Not carried over: write a limit with bandwidth into the rules (docs/configuration.md). Weir counts both directions',
    'delay_initial_bucket_level client_delay_pools client_delay_initial_bucket_level client_delay_parameters client_delay_access response_delay_pool response_delay_pool_access',
  ],
  ['dropped', 'Used by ACLs of the type external, which are told where they stand', 'external_acl_type'],
  [
    'dropped',
    'Whoever may name clients stands under proxyProtocol.from of the listener',
    'proxy_protocol_access',
  ],
];
