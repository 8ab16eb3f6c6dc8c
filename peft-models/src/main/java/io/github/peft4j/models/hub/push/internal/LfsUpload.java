package io.github.peft4j.models.hub.push.internal;

import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.HubRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one file gets to where large files are kept: at once to one address, or in parts to an address each. The addresses are the hub's choice, often of
 * another host, and carry their own leave: the token does not go there.
 *
 * @param file what is sent
 * @param upload where to, or where to say that all parts have arrived
 * @param partBytes how large a part is, or 0 for all at once
 * @param parts where the parts go
 * @param verify where to ask whether it has arrived well, or null
 */
record LfsUpload(
        PlannedFile file,
        Action upload,
        long partBytes,
        List<String> parts,
        @Nullable Action verify) {

    private static final String PART_BYTES = "chunk_size";

    /** What a header can be called. */
    private static final Pattern NAME = Pattern.compile("[\\w!#$%&'*+.^`|~-]+");

    /** What the client sets itself. */
    private static final Set<String> OF_CLIENT =
            Set.of("host", "connection", "content-length", "transfer-encoding", "expect", "upgrade");

    /**
     * An address.
     *
     * @param headers what is to be sent with the request
     */
    record Action(String href, Map<String, String> headers) {

        static Action of(HubApi api, Map<?, ?> action) throws HubException {
            Map<String, String> headers = new LinkedHashMap<>();
            for (Map.Entry<?, ?> header : HubApi.within(action, "header").entrySet()) {
                String name = String.valueOf(header.getKey());
                String value = String.valueOf(header.getValue());
                if (!NAME.matcher(name).matches() || value.chars().anyMatch(c -> c < ' ' || c > '~')) {
                    throw new HubException("the hub names a header for an upload that is none: nothing was sent");
                }
                headers.put(name, value);
            }
            return new Action(api.named(HubApi.text(action, "href")), headers);
        }

        /** Those that are headers of a request, and not the client's own. */
        Map<String, String> sent() {
            Map<String, String> sent = new LinkedHashMap<>(headers);
            sent.keySet()
                    .removeIf(name -> name.equals(PART_BYTES)
                            || isNumber(name)
                            || OF_CLIENT.contains(name.toLowerCase(Locale.ROOT)));
            return sent;
        }
    }

    /** What the hub answered of a file that it lacks. */
    static LfsUpload of(HubApi api, PlannedFile file, Map<?, ?> actions) throws HubException {
        Action upload = Action.of(api, HubApi.within(actions, "upload"));
        @Nullable
        Action verify = actions.get("verify") == null ? null : Action.of(api, HubApi.within(actions, "verify"));
        String partBytes = upload.headers().get(PART_BYTES);
        if (partBytes == null) {
            return new LfsUpload(file, upload, 0, List.of(), verify);
        }
        if (!isNumber(partBytes) || Long.parseLong(partBytes) == 0) {
            throw new HubException(
                    "the hub names no size of the parts of " + file.file().path());
        }
        long each = Long.parseLong(partBytes);
        Map<Long, String> byNumber = new TreeMap<>();
        for (Map.Entry<String, String> header : upload.headers().entrySet()) {
            if (isNumber(header.getKey())) {
                byNumber.put(Long.parseLong(header.getKey()), api.named(header.getValue()));
            }
        }
        long needed = (file.file().size() + each - 1) / each;
        if (byNumber.size() != needed) {
            throw new HubException("the hub names " + byNumber.size() + " addresses for the " + needed + " parts of "
                    + file.file().path());
        }
        return new LfsUpload(file, upload, each, List.copyOf(byNumber.values()), verify);
    }

    private static boolean isNumber(String text) {
        return text.matches("\\d{1,15}");
    }

    /** How many bytes are sent. */
    long size() {
        return file.file().size();
    }

    /**
     * Sends it.
     *
     * @param told hears of bytes that have left; negative of those that are sent again
     */
    void send(HubApi api, LongConsumer told) throws IOException {
        if (partBytes == 0) {
            put(api, upload.href(), upload.sent(), 0, size(), told);
        } else {
            inParts(api, told);
        }
        file.file().content().requireUnchanged();
        if (verify != null) {
            Map<String, Object> what = Map.of("oid", file.hash(), "size", size());
            done(api.send(with(HubApi.request(verify.href(), what).asRepeatable(), verify.sent())), "verify");
        }
    }

    private void inParts(HubApi api, LongConsumer told) throws IOException {
        List<Map<String, Object>> received = new ArrayList<>();
        for (String address : parts) {
            int number = received.size() + 1;
            long from = received.size() * partBytes;
            String tag = put(api, address, Map.of(), from, Math.min(partBytes, size() - from), told)
                    .tag();
            if (tag == null || tag.isEmpty()) {
                throw new HubException("part " + number + " of " + file.file().path()
                        + " was not confirmed: the answer lacks an ETag");
            }
            received.add(Map.of("partNumber", number, "etag", tag));
        }
        Map<String, Object> all = Map.of("oid", file.hash(), "parts", received);
        done(api.send(LargeFiles.lfs(upload.href(), all)), "complete the upload of");
    }

    private HubApi.Reply put(
            HubApi api, String address, Map<String, String> headers, long from, long length, LongConsumer told)
            throws IOException {
        try (Sending sending = new Sending(file.file().content(), from, length, told)) {
            return done(api.send(with(HubRequest.put(address, sending), headers)), "upload");
        }
    }

    private static HubRequest with(HubRequest request, Map<String, String> headers) {
        HubRequest all = request;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            all = all.with(header.getKey(), header.getValue());
        }
        return all;
    }

    private HubApi.Reply done(HubApi.Reply reply, String what) throws HubException {
        if (!reply.done()) {
            throw Refusals.ofUpload(reply, what + " " + file.file().path());
        }
        return reply;
    }
}
