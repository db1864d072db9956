import { z } from 'zod';

const hexColour = z.string().regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #18181b');

/** The `people` slice of config.json. */
export const peopleConfig = z
  .strictObject({
    /** What a person without a name of their own is called; a tag tells them apart. */
    defaultName: z.string().trim().min(1).max(64).default('Anonymous'),
    /** User-perceived characters. */
    maxNameLength: z.int().min(1).max(64).default(24),
    /** No viewer may be called so, nor look as if; the names of broadcaster and moderators always count too. */
    reservedNames: z
      .array(z.string().trim().min(2).max(64))
      .max(200)
      .default([
        'broadcaster',
        'moderator',
        'mod',
        'mods',
        'administrator',
        'admin',
        'owner',
        'operator',
        'system',
        'server',
        'staff',
      ]),
    /** The page's background, which names and tripcodes must be readable on. */
    background: hexColour.default('#18181b'),
    /** captcha: solved once to enter the site; members: only by invitation. */
    access: z.enum(['open', 'captcha', 'members']).default('open'),
    /** People held in memory; the idle and nameless go first. */
    maxPersons: z.int().min(10).max(1_000_000).default(20_000),
    presence: z
      .strictObject({
        /** Still watching for so long after the last video closed, since players reconnect. */
        watchingForS: z.number().min(0).max(600).default(5),
        /** In chat for so long after the last sign of life. */
        chattingForS: z.number().min(1).max(3600).default(60),
        /** Listed as gone until so long after the last sign of life. */
        goneForS: z.number().min(0).max(86_400).default(900),
      })
      .prefault({}),
    kept: z
      .strictObject({
        /** People not seen for so long are forgotten. */
        days: z.number().min(1).max(3650).default(90),
        maxPersons: z.int().min(100).max(1_000_000).default(50_000),
      })
      .prefault({}),
    tripcode: z
      .strictObject({
        /** Also offer 2channel's form, which is the same on every site and can be cracked. */
        classic: z.boolean().default(false),
      })
      .prefault({}),
    bans: z
      .strictObject({
        max: z.int().min(10).max(100_000).default(10_000),
        /** New people on the circuit of someone just banned wait for so long, then solve a captcha. */
        circuitWaitS: z.number().min(0).max(86_400).default(120),
        /** A circuit is remembered for so long after a ban. */
        circuitForS: z.number().min(0).max(86_400).default(3600),
        /** Where the circuit was closed, also whoever is new within so long after that. */
        returnWithinS: z.number().min(0).max(3600).default(30),
      })
      .prefault({}),
    /** The broadcaster's password; without it one is made at the first start. */
    broadcasterPassword: z.string().optional(),
    maxInvitations: z.int().min(1).max(100_000).default(1000),
  })
  .prefault({});

export type PeopleConfig = z.infer<typeof peopleConfig>;
