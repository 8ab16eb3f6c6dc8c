package io.github.peft4j.cli.internal.console;

import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.models.hub.internal.HubEnvironment;
import io.github.peft4j.models.hub.internal.fetch.FetchListener;

/**
 * What a command is run with.
 *
 * @param console where it reads and writes
 * @param interruption how it is stopped
 * @param json whether results are JSON, one object a line
 * @param hubs what the environment says about hubs
 * @param offline whether no hub may be asked, whatever the environment says
 */
public record Session(Console console, Interruption interruption, boolean json, HubEnvironment hubs, boolean offline) {

    /** One whose results people read, in the process's environment. */
    public Session(Console console, Interruption interruption) {
        this(console, interruption, false, HubEnvironment.ofUser(), false);
    }

    /** This one with results as JSON, or not. */
    public Session withJson(boolean wanted) {
        return new Session(console, interruption, wanted, hubs, offline);
    }

    /** This one with another environment. */
    public Session withHubs(HubEnvironment others) {
        return new Session(console, interruption, json, others, offline);
    }

    /** This one that asks no hub, or does. */
    public Session withOffline(boolean wanted) {
        return new Session(console, interruption, json, hubs, wanted);
    }

    /** The way to hubs, which shows what it fetches. */
    public Hub hub() {
        return new Hub(hubs, offline, progress("fetching"));
    }

    /** Shows how files come from a hub or go there. */
    public FetchListener progress(String verb) {
        return new FetchProgress(console, verb);
    }

    /** Prints a result that stands alone. */
    public void print(Fields fields) {
        if (json) {
            console.out().println(fields.json());
        } else {
            console.out().print(fields.lines());
        }
        console.out().flush();
    }
}
