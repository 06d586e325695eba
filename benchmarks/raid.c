/* The event loop of sim/raid/kernel.py in C, as a measure of how fast it can be.
 *
 * The records (Flight, Unit ...) and the tuples that hold them (Orders, Room ...) are declared by
 * bench_c.py, from the NumPy types themselves. What is what is said in the kernel.
 */
#include <math.h>
#include <string.h>

enum { COMPROMISED, FAILED, JAMMED, SHOT_DOWN, DECOY_SPENT, MISSED, WASTED, DAMAGED_TARGET,
       DESTROYED_TARGET, FATES, FLYING = -1 };
enum { SHOOTER, JAMMER };
enum { SIMULTANEOUS, UNIFORM, POISSON };
enum { ASSIGNED, OPPORTUNE, RETASK };
enum { SHOOT_LOOK_SHOOT, COORDINATED, UNCOORDINATED };
enum { LEAVES_FIRST, FIRST_COME };
enum { INTACT, DAMAGED, DESTROYED };
enum { HIT_BEFORE = 1 };
enum { CARRIER_FOUND = 2, FOREWARNED, RELIABILITY, LAUNCH, DECOY, DETECTION, SERVICE, KILL, JAMMING,
       AIM, HIT, DESTROY, PICK };

typedef struct { int64_t seed, run, day; } Luck;

static inline double draw(Luck luck, int64_t actor, int64_t purpose, int64_t index)
{
    uint32_t c0 = luck.run, c1 = actor, c2 = index, c3 = luck.day << 8 | purpose;
    uint32_t k0 = luck.seed, k1 = (uint64_t)luck.seed >> 32;
    for (int i = 0; i < 10; i++) {
        uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, c1 = p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1, c3 = p0;
        k0 += 0x9E3779B9, k1 += 0xBB67AE85;
    }
    return ((c0 >> 5) * 67108864.0 + (c1 >> 6)) / 9007199254740992.0;
}

static void fill(Luck luck, int64_t actor, int64_t purpose, int64_t count, double *restrict out)
{
    for (int64_t i = 0; i < count; i++) out[i] = draw(luck, actor, purpose, i);
}

static inline double exponential(double u, double per_min)
{
    return per_min <= 0 ? INFINITY : -log1p(-u) / per_min;
}

/* ---- order in time ---- */

static inline int before(double key, int64_t item, double other, int64_t other_item)
{
    return key < other || (key == other && item < other_item);
}

static inline int64_t push(double *keys, int64_t *items, int64_t size, double key, int64_t item)
{
    int64_t place = size;
    while (place > 0) {
        int64_t parent = (place - 1) >> 1;
        if (before(keys[parent], items[parent], key, item)) break;
        keys[place] = keys[parent], items[place] = items[parent];
        place = parent;
    }
    keys[place] = key, items[place] = item;
    return size + 1;
}

static inline int64_t pop(double *keys, int64_t *items, int64_t size)
{
    double key = keys[--size];
    int64_t item = items[size], place = 0;
    for (;;) {
        int64_t child = 2 * place + 1;
        if (child >= size) break;
        if (child + 1 < size && before(keys[child + 1], items[child + 1], keys[child], items[child]))
            child++;
        if (before(key, item, keys[child], items[child])) break;
        keys[place] = keys[child], items[place] = items[child];
        place = child;
    }
    if (size > 0) keys[place] = key, items[place] = item;
    return size;
}

static void sort(Room *room, int64_t count)
{
    uint64_t *bits = (uint64_t *)room->order_min, *spare = (uint64_t *)room->spare_min;
    int64_t *items = room->order_item, *spare_items = room->spare_item;
    int64_t (*starts)[256] = (int64_t (*)[256])room->starts;
    if (count == 0) return;
    memset(starts, 0, 8 * sizeof *starts);
    for (int64_t i = 0; i < count; i++)
        for (int byte = 3; byte < 8; byte++) starts[byte][bits[i] >> 8 * byte & 0xFF]++;
    for (int byte = 3; byte < 8; byte++) {
        int64_t *start = starts[byte], sum = 0;
        if (start[bits[0] >> 8 * byte & 0xFF] == count) continue;
        for (int value = 0; value < 256; value++) {
            int64_t here = start[value];
            start[value] = sum;
            sum += here;
        }
        for (int64_t i = 0; i < count; i++) {
            int64_t place = start[bits[i] >> 8 * byte & 0xFF]++;
            spare[place] = bits[i], spare_items[place] = items[i];
        }
        uint64_t *other = bits;
        int64_t *other_items = items;
        bits = spare, items = spare_items;
        spare = other, spare_items = other_items;
    }
    if (bits != (uint64_t *)room->order_min) {
        memcpy(spare, bits, count * sizeof *bits);
        memcpy(spare_items, items, count * sizeof *items);
        bits = spare, items = spare_items;
    }
    for (int64_t i = 1; i < count; i++) {
        uint64_t key = bits[i];
        int64_t item = items[i], place = i;
        for (; place > 0 && bits[place - 1] > key; place--)
            bits[place] = bits[place - 1], items[place] = items[place - 1];
        bits[place] = key, items[place] = item;
    }
}

/* ---- before the fight ---- */

typedef struct {
    Luck luck;
    int64_t sites, kinds, flights_n, units_n, weapons_n, carriers;
    Flight *flights; Weapon *weapons; Unit *units; Site *site; Asset *assets; Near *near;
    FlightResult *flight_results; AssetResult *asset_results; int64_t *rounds_fired;
    uint8_t *marks, mark;
    double *p_kill; uint8_t *aims_at;
    Room *room;
} Raid;

static void set_out(Raid *r)
{
    int64_t slot = 0;
    for (int64_t i = 0; i < r->sites * r->kinds; i++) {
        Asset *asset = &r->assets[i];
        asset->slot_first = slot;
        asset->slots = asset->present + asset->damaged;
        for (int64_t k = 0; k < asset->slots; k++, slot++) {
            r->room->slot_state[slot] = k < asset->present ? INTACT : DAMAGED;
            r->room->slot_next[slot] = slot;
        }
    }
}

static int64_t line_up(Raid *r)
{
    int64_t count = 0;
    for (int64_t i = 0; i < r->sites; i++) r->site[i].drones = 0;
    for (int64_t n = 0; n < r->flights_n; n++) {
        Flight *flight = &r->flights[n];
        Site *site = &r->site[flight->site];
        Lineup *place = &r->room->lineup[n];
        place->first = count, place->site_first = site->drones;
        count += flight->drones, site->drones += flight->drones;
        place->in_scope = site->decoy_targets;
        for (int64_t kind = 0; kind < r->kinds; kind++)
            if (r->aims_at[n * r->kinds + kind])
                place->in_scope += r->assets[flight->site * r->kinds + kind].slots;
    }
    return count;
}

static int deliver(Raid *r)
{
    int forewarned = 0;
    for (int64_t n = 0; n < r->flights_n; n++) {
        Flight *flight = &r->flights[n];
        for (int64_t k = 0; k < flight->carriers && flight->drones > 0; k++) {
            int lost = draw(r->luck, flight->actor, CARRIER_FOUND, k) >= flight->p_carrier_survives;
            r->room->carrier_lost[n * r->carriers + k] = lost;
            if (lost) {
                r->flight_results[n].carriers_lost++;
                forewarned |= draw(r->luck, flight->actor, FOREWARNED, k) < flight->p_forewarn;
            }
        }
    }
    return forewarned;
}

static void start(Raid *r, int64_t n, Flight *flight, Drone *drones)
{
    double *u = r->room->draws, now_min = 0;
    for (int64_t i = 0; i < flight->drones; i++) {
        drones[i].flight = n, drones[i].weapon = flight->weapon;
        drones[i].fate = FLYING, drones[i].stopped_by = -1;
    }
    if (flight->decoy >= 0) {
        fill(r->luck, flight->actor, DECOY, flight->drones, u);
        for (int64_t i = 0; i < flight->drones; i++)
            if (u[i] < flight->decoy_share) drones[i].weapon = flight->decoy;
    }
    fill(r->luck, flight->actor, RELIABILITY, flight->drones, u);
    for (int64_t i = 0; i < flight->drones; i++) {
        if (flight->carriers > 0 && r->room->carrier_lost[n * r->carriers + i % flight->carriers])
            drones[i].fate = COMPROMISED;
        else if (u[i] >= r->weapons[drones[i].weapon].p_works)
            drones[i].fate = FAILED;
    }
    if (flight->launch != SIMULTANEOUS) fill(r->luck, flight->actor, LAUNCH, flight->drones, u);
    for (int64_t i = 0; i < flight->drones; i++) {
        if (flight->launch == UNIFORM) now_min = u[i] * flight->window_min;
        else if (flight->launch == POISSON)
            now_min += -(flight->window_min / flight->drones) * log1p(-u[i]);
        r->room->launched_min[i] = now_min;
        double flown_min = flight->leg_km / r->weapons[drones[i].weapon].speed_km_min;
        drones[i].ends_min = drones[i].fate == FLYING ? now_min + flown_min : 0;
    }
}

static int64_t meet(Raid *r, Flight *flight, Drone *drones, int forewarned, int64_t encounters)
{
    Room *room = r->room;
    double *u = room->draws, *launched_min = room->launched_min;
    for (int64_t k = flight->near_first; k < flight->near_end; k++) {
        Near *near = &r->near[k];
        Unit *unit = &r->units[near->unit];
        double reach = unit->range_km, offset = near->offset_km;
        double half_km = offset >= reach ? 0 : sqrt(reach * reach - offset * offset);
        double along_km = flight->leg_km - near->before_km;
        if (half_km <= 0 || along_km + half_km < 0 || along_km - half_km > flight->leg_km) continue;
        for (int place = 0; place < 2; place++) {
            int64_t kind = place == 0 ? flight->weapon : flight->decoy;
            if (kind < 0) continue;
            Crossing *crossing = &room->crossings[place];
            Weapon *weapon = &r->weapons[kind];
            crossing->enters_min = fmax(0, along_km - half_km) / weapon->speed_km_min;
            crossing->leaves_min = fmin(along_km + half_km, flight->leg_km) / weapon->speed_km_min;
            crossing->p_kill = r->p_kill[near->unit * r->weapons_n + kind];
            crossing->per_min = unit->kind == JAMMER
                ? unit->losses_per_min * weapon->susceptibility
                : unit->looks_per_min * weapon->signature * flight->visibility
                    * (forewarned ? 1 : unit->alertness);
            double within_min = crossing->leaves_min - crossing->enters_min + 1e-6
                - (unit->kind == JAMMER ? 0 : unit->reaction_min);
            crossing->most_u = 1e-12 - expm1(-crossing->per_min * fmax(0, within_min));
        }
        fill(r->luck, near->actor, unit->kind == JAMMER ? JAMMING : DETECTION, flight->drones, u);
        for (int64_t i = 0; i < flight->drones; i++) {
            Drone *drone = &drones[i];
            if (drone->fate != FLYING) continue;
            Crossing *crossing = &room->crossings[drone->weapon == flight->decoy];
            if (u[i] > crossing->most_u) continue;
            double enters_min = launched_min[i] + crossing->enters_min;
            double leaves_min = launched_min[i] + crossing->leaves_min;
            if (unit->kind == JAMMER) {
                double at_min = enters_min + exponential(u[i], crossing->per_min);
                if (at_min <= leaves_min && at_min < drone->ends_min)
                    drone->ends_min = at_min, drone->stopped_by = near->unit;
                continue;
            }
            if (crossing->p_kill <= 0) continue;
            double ready_min = enters_min + exponential(u[i], crossing->per_min);
            ready_min += unit->reaction_min;
            if (ready_min <= leaves_min) {
                room->encounters[encounters] = (Encounter){
                    .drone = drones - room->drones + i, .number = i, .actor = near->actor,
                    .unit = near->unit, .leaves_min = leaves_min, .ready_min = ready_min };
                room->order_min[encounters] = ready_min;
                room->order_item[encounters] = encounters;
                unit->queue_size++;
                unit->closes_min = fmax(unit->closes_min, leaves_min);
                encounters++;
            }
        }
    }
    return encounters;
}

static int64_t launch(Raid *r, int forewarned)
{
    int64_t encounters = 0, first = 0;
    for (int64_t n = 0; n < r->units_n; n++) {
        Unit *unit = &r->units[n];
        unit->free = unit->channels;
        unit->picks = unit->queue_size = unit->touched = 0;
        unit->closes_min = 0;
    }
    for (int64_t n = 0; n < r->flights_n; n++) {
        Flight *flight = &r->flights[n];
        if (flight->drones == 0) continue;
        Drone *drones = r->room->drones + r->room->lineup[n].first;
        start(r, n, flight, drones);
        encounters = meet(r, flight, drones, forewarned, encounters);
    }
    for (int64_t n = 0; n < r->units_n; n++) {
        r->units[n].queue_first = first;
        first += r->units[n].queue_size;
        r->units[n].queue_size = 0;
    }
    return encounters;
}

/* ---- the fight ---- */

static inline void wait_for(Unit *unit, Room *room, int64_t subject, Encounter *encounter)
{
    if (encounter->shots >= unit->max_shots) return;
    double *keys = room->queue_key + unit->queue_first;
    int64_t *items = room->queue_item + unit->queue_first;
    if (unit->fire == UNCOORDINATED) {
        items[unit->queue_size++] = subject;
        return;
    }
    double key = unit->takes == FIRST_COME ? encounter->ready_min : encounter->leaves_min;
    if (unit->fire == COORDINATED) key += encounter->shots * 1e7;
    unit->queue_size = push(keys, items, unit->queue_size, key, subject);
}

static inline int64_t next(Raid *r, Unit *unit, double now_min)
{
    double *keys = r->room->queue_key + unit->queue_first;
    int64_t *items = r->room->queue_item + unit->queue_first;
    if (now_min > unit->closes_min) unit->queue_size = 0;
    while (unit->queue_size > 0) {
        int64_t place = 0;
        if (unit->fire == UNCOORDINATED) {
            place = floor(draw(r->luck, unit->actor, PICK, unit->picks++) * unit->queue_size);
            if (place > unit->queue_size - 1) place = unit->queue_size - 1;
        }
        int64_t subject = items[place];
        Encounter *encounter = &r->room->encounters[subject];
        Drone *drone = &r->room->drones[encounter->drone];
        int open = drone->fate == FLYING && now_min < drone->ends_min
                   && now_min <= encounter->leaves_min;
        if (unit->fire != UNCOORDINATED) unit->queue_size = pop(keys, items, unit->queue_size);
        else if (!open || encounter->shots + 1 >= unit->max_shots)
            items[place] = items[--unit->queue_size];
        if (open) return subject;
    }
    return -1;
}

static int64_t engage(Raid *r, int64_t number, double now_min, int64_t shots)
{
    Unit *unit = &r->units[number];
    Room *room = r->room;
    while (unit->free > 0 && unit->rounds_left > 0) {
        int64_t subject = next(r, unit, now_min);
        if (subject < 0) break;
        Encounter *encounter = &room->encounters[subject];
        Drone *drone = &room->drones[encounter->drone];
        Flight *flight = &r->flights[drone->flight];
        int64_t rounds = unit->salvo < unit->rounds_left ? unit->salvo : unit->rounds_left;
        unit->rounds_left -= rounds, r->rounds_fired[number] += rounds, unit->free--;
        FlightResult *at = &r->flight_results[drone->flight];
        if (drone->weapon == flight->decoy) at->rounds_at_decoys += rounds;
        else at->rounds_fired += rounds;
        int64_t index = encounter->number * 256 + encounter->shots++;
        double p_miss = 1, p_kill = r->p_kill[number * r->weapons_n + drone->weapon];
        for (int64_t i = 0; i < rounds; i++) p_miss *= 1 - p_kill;
        int kills = draw(r->luck, encounter->actor, KILL, index) < 1 - p_miss;
        double busy_min = unit->service_min;
        if (unit->is_exponential)
            busy_min = -busy_min * log1p(-draw(r->luck, encounter->actor, SERVICE, index));
        shots = push(room->shot_min, room->shot_code, shots, now_min + busy_min,
                     subject << 1 | kills);
        if (unit->fire == COORDINATED) wait_for(unit, room, subject, encounter);
    }
    return shots;
}

static void fight(Raid *r, int64_t count)
{
    Room *room = r->room;
    int64_t met = 0, shots = 0;
    while (met < count || shots > 0) {
        double now_min = met < count ? room->order_min[met] : INFINITY;
        int64_t touched = 0;
        if (shots > 0 && room->shot_min[0] < now_min) now_min = room->shot_min[0];
        while (shots > 0 && room->shot_min[0] == now_min) {
            int64_t code = room->shot_code[0];
            shots = pop(room->shot_min, room->shot_code, shots);
            Encounter *encounter = &room->encounters[code >> 1];
            Unit *unit = &r->units[encounter->unit];
            Drone *drone = &room->drones[encounter->drone];
            unit->free++;
            if (drone->fate == FLYING && now_min <= drone->ends_min) {
                if (code & 1) {
                    drone->fate = SHOT_DOWN, drone->stopped_by = encounter->unit;
                    drone->ends_min = now_min;
                } else if (unit->fire == SHOOT_LOOK_SHOOT)
                    wait_for(unit, room, code >> 1, encounter);
            }
            if (!unit->touched) unit->touched = 1, room->touched[touched++] = encounter->unit;
        }
        while (met < count && room->order_min[met] == now_min) {
            int64_t subject = room->order_item[met++];
            Encounter *encounter = &room->encounters[subject];
            Unit *unit = &r->units[encounter->unit];
            if (unit->rounds_left <= 0) continue;
            wait_for(unit, room, subject, encounter);
            if (!unit->touched) unit->touched = 1, room->touched[touched++] = encounter->unit;
        }
        for (int64_t i = 0; i < touched; i++) {
            r->units[room->touched[i]].touched = 0;
            shots = engage(r, room->touched[i], now_min, shots);
        }
    }
}

/* ---- after it ---- */

static int64_t standing(int64_t *slot_next, int64_t slot, int64_t end)
{
    int64_t found = slot;
    while (found < end && slot_next[found] != found) found = slot_next[found];
    while (slot < found) {
        int64_t then = slot_next[slot];
        slot_next[slot] = found;
        slot = then;
    }
    return found;
}

static int64_t still_there(Raid *r, Drone *drone, Flight *flight, int64_t *kind, int64_t slot)
{
    Asset *assets = r->assets + flight->site * r->kinds;
    for (int64_t step = 0; step <= r->kinds; step++) {
        if (*kind + step == r->kinds && r->site[flight->site].decoy_targets > 0) return -1;
        int64_t other = (*kind + step) % r->kinds;
        if (!r->aims_at[drone->flight * r->kinds + other]) continue;
        int64_t end = assets[other].slot_first + assets[other].slots;
        int64_t from = step == 0 ? slot : assets[other].slot_first;
        int64_t found = standing(r->room->slot_next, from, end);
        if (found < end) {
            *kind = other;
            return found;
        }
    }
    return slot;
}

static int64_t target(Raid *r, Drone *drone, Flight *flight, int64_t place, int64_t *kind)
{
    Lineup *lineup = &r->room->lineup[drone->flight];
    int64_t choice, slot = -1;
    if (lineup->in_scope == 0) return -1;
    if (flight->aim == OPPORTUNE) {
        choice = floor(draw(r->luck, flight->actor, AIM, place) * lineup->in_scope);
        if (choice > lineup->in_scope - 1) choice = lineup->in_scope - 1;
    } else
        choice = (lineup->site_first + place) % lineup->in_scope;
    for (*kind = 0; *kind < r->kinds; ++*kind) {
        Asset *asset = &r->assets[flight->site * r->kinds + *kind];
        if (!r->aims_at[drone->flight * r->kinds + *kind]) continue;
        if (choice < asset->slots) {
            slot = asset->slot_first + choice;
            break;
        }
        choice -= asset->slots;
    }
    if (flight->aim == RETASK && slot >= 0) return still_there(r, drone, flight, kind, slot);
    return slot;
}

static int64_t strike(Raid *r, Drone *drone, int64_t subject)
{
    Flight *flight = &r->flights[drone->flight];
    Weapon *weapon = &r->weapons[drone->weapon];
    int64_t place = subject - r->room->lineup[drone->flight].first, kind = 0;
    int64_t slot = target(r, drone, flight, place, &kind);
    if (slot < 0 || r->room->slot_state[slot] == DESTROYED) return WASTED;
    double p_effect = weapon->p_hit * (1 - r->assets[flight->site * r->kinds + kind].protection);
    if (draw(r->luck, flight->actor, HIT, place) >= p_effect) return MISSED;
    if (draw(r->luck, flight->actor, DESTROY, place) < weapon->p_destroy) {
        r->room->slot_state[slot] = DESTROYED, r->room->slot_next[slot] = slot + 1;
        return DESTROYED_TARGET;
    }
    r->room->slot_state[slot] = DAMAGED;
    return DAMAGED_TARGET;
}

static void arrive(Raid *r, int64_t count)
{
    Room *room = r->room;
    int64_t arrivals = 0;
    int in_order = 1;
    for (int64_t subject = 0; subject < count; subject++) {
        Drone *drone = &room->drones[subject];
        if (drone->fate != FLYING) continue;
        if (drone->stopped_by >= 0) drone->fate = JAMMED;
        else if (r->weapons[drone->weapon].is_decoy) drone->fate = DECOY_SPENT;
        else {
            in_order &= arrivals == 0 || room->order_min[arrivals - 1] <= drone->ends_min;
            room->order_min[arrivals] = drone->ends_min;
            room->order_item[arrivals++] = subject;
        }
    }
    if (!in_order) sort(room, arrivals);
    for (int64_t i = 0; i < arrivals; i++) {
        Drone *drone = &room->drones[room->order_item[i]];
        drone->fate = strike(r, drone, room->order_item[i]);
    }
}

static void count_fates(Raid *r, int64_t count, int64_t *fates, int64_t *stopped_by)
{
    for (int64_t subject = 0; subject < count; subject++) {
        Drone *drone = &r->room->drones[subject];
        int decoy = drone->weapon == r->flights[drone->flight].decoy;
        if (drone->stopped_by >= 0) stopped_by[drone->stopped_by]++;
        fates[(drone->flight * 2 + decoy) * FATES + drone->fate]++;
    }
}

static void mark(Raid *r, Asset *asset, AssetResult *result, int64_t intact)
{
    uint8_t *marks = r->marks + asset->first_mark;
    int64_t stands = 0, hit = 0, *spare = r->room->slot_next;
    for (int64_t k = 0; k < asset->slots + intact - asset->present; k++) {
        int away = asset->present <= k && k < intact;
        int64_t slot = k < asset->present ? k : k - intact + asset->present;
        int64_t state = away ? INTACT : r->room->slot_state[asset->slot_first + slot];
        uint8_t was = marks[k];
        if (state == DESTROYED || (state == DAMAGED && k < asset->present)) {
            result->first_hit += !(was & HIT_BEFORE), result->first_hit_by_raid += !(was & r->mark);
            if (state == DAMAGED) spare[hit++] = was | HIT_BEFORE | r->mark;
        } else
            marks[stands++] = was;
    }
    for (int64_t k = 0; k < hit; k++) marks[stands + k] = spare[k];
}

static void settle(Raid *r)
{
    for (int64_t i = 0; i < r->sites * r->kinds; i++) {
        Asset *asset = &r->assets[i];
        int64_t intact_before = asset->intact;
        AssetResult *result = &r->asset_results[i];
        for (int64_t k = 0; k < asset->slots; k++) {
            int intact = k < asset->present;
            int64_t state = r->room->slot_state[asset->slot_first + k];
            if (state == DESTROYED) {
                result->newly_destroyed++, asset->destroyed++;
                asset->intact -= intact, asset->damaged -= !intact;
                result->newly_finished += !intact;
            } else if (state == DAMAGED && intact)
                result->newly_damaged++, asset->damaged++, asset->intact--;
        }
        if (result->newly_damaged + result->newly_destroyed > 0)
            mark(r, asset, result, intact_before);
    }
}

/* `shape`: runs, flights, weapons, units, sites, classes, carriers, marks. No log is written. */
void fly(int64_t seed, int64_t *runs, int64_t day, int64_t *shape, Orders *orders,
         Defence *defence, Tally *tally, Log *log, Room *room)
{
    int64_t flights = shape[1], weapons = shape[2], units = shape[3];
    for (int64_t row = 0; row < shape[0]; row++) {
        Raid raid = {
            .luck = { seed, runs[row], day }, .flights_n = flights, .weapons_n = weapons,
            .units_n = units, .sites = shape[4], .kinds = shape[5], .carriers = shape[6],
            .flights = orders->flights + row * flights, .weapons = orders->weapons + row * weapons,
            .units = defence->units + row * units, .site = defence->sites + row * shape[4],
            .assets = defence->assets + row * shape[4] * shape[5], .near = orders->near,
            .marks = defence->marks + row * shape[7], .mark = orders->mark[0],
            .p_kill = defence->p_kill + row * units * weapons, .aims_at = orders->aims_at,
            .flight_results = tally->flights + row * flights,
            .asset_results = tally->assets + row * shape[4] * shape[5],
            .rounds_fired = tally->rounds_fired + row * units, .room = room };
        set_out(&raid);
        int64_t count = line_up(&raid);
        int forewarned = deliver(&raid);
        tally->forewarned[row] = forewarned;
        int64_t encounters = launch(&raid, forewarned);
        sort(room, encounters);
        fight(&raid, encounters);
        arrive(&raid, count);
        count_fates(&raid, count, tally->fates + row * flights * 2 * FATES,
                    tally->stopped_by + row * units);
        settle(&raid);
    }
}
