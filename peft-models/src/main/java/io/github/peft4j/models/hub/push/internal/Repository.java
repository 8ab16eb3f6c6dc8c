package io.github.peft4j.models.hub.push.internal;

import io.github.peft4j.models.hub.internal.http.HubException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A repository on the hub: whether there is one, who may see it, and what its branch is at. */
final class Repository {

    /** Two of one user's repositories cannot be made at the same moment. */
    private static final String BUSY = "another conflicting operation is in progress";

    private static final int TRIES = 5;

    private final HubApi api;
    private final PushTarget target;

    Repository(HubApi api, PushTarget target) {
        this.api = api;
        this.target = target;
    }

    /**
     * What there is.
     *
     * @param fresh whether it was made just now
     * @param open whether everybody may see it
     */
    record State(boolean fresh, boolean open) {}

    /** Makes it, unless there is one. */
    State make(boolean open) throws IOException {
        HubApi.Reply reply = create(open);
        String what = "make the repository " + target.id();
        if (reply.done()) {
            return new State(true, open);
        }
        // Who may not make one, or has no room for more, may still write to one that is there.
        if (List.of(401, 402, 403, 409).contains(reply.status())) {
            HubApi.Reply found = api.get(target.api(""));
            if (found.done()) {
                return new State(false, !Boolean.TRUE.equals(found.object().get("private")));
            }
        }
        throw Refusals.of(reply, what);
    }

    private HubApi.Reply create(boolean open) throws IOException {
        for (int i = 1; ; i++) {
            HubApi.Reply reply = api.post("/api/repos/create", target.creation(open));
            boolean busy = reply.status() == 409 && reply.problem().contains(BUSY);
            if (!busy || i == TRIES) {
                return reply;
            }
        }
    }

    /** Makes the branch, unless there is one, and says which commit it is at. */
    String head() throws IOException {
        HubApi.@Nullable Reply refused = null;
        if (!target.revision().equals(PushTarget.MAIN)) {
            HubApi.Reply made = api.post(target.branch("branch"), Map.of());
            // Who may not make branches may still write to one that is there.
            refused = made.done() || made.status() == 409 ? null : made;
        }
        HubApi.Reply found = api.get(target.branch("revision"));
        String what = "find the branch " + target.revision() + " of " + target.id();
        if (refused != null && !found.done()) {
            throw Refusals.of(refused, "make the branch " + target.revision() + " of " + target.id());
        }
        return HubApi.text(found.orRefused(what).object(), "sha");
    }

    /**
     * Lets the hub look at a card.
     *
     * @return what it warns of
     * @throws HubException if the card cannot stay as it is
     */
    List<String> check(String card) throws IOException {
        HubApi.Reply reply = api.post("/api/validate-yaml", Map.of("content", card, "repoType", "model"));
        if (reply.status() == 400) {
            throw new HubException.Refusal("the values at the head of README.md are not valid: "
                    + String.join("; ", reply.messages("errors")));
        }
        return reply.orRefused("check README.md").messages("warnings");
    }
}
