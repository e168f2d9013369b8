# SPDX-License-Identifier: Apache-2.0
"""imports.py - what is traced: an interpreter that starts and loads much of its library"""
# pylint: disable=unused-import,multiple-imports
import abc, argparse, array, ast, asyncio, base64, binascii, bisect, bz2, calendar, cmd, code
import codecs, collections, colorsys, compileall, concurrent.futures, configparser, contextlib
import copy, csv, ctypes, curses, dataclasses, datetime, decimal, difflib, dis, email.message
import email.parser, enum, filecmp, fileinput, fnmatch, fractions, ftplib, functools, getopt
import getpass, gettext, glob, gzip, hashlib, heapq, hmac, html, html.parser, http.client
import http.cookies, http.server, imaplib, importlib.metadata, inspect, ipaddress, json, locale
import logging.handlers, lzma, mailbox, mimetypes, multiprocessing, netrc, numbers, operator
import optparse, os, pathlib, pdb, pickle, pkgutil, platform, plistlib, poplib, pprint, profile
import queue, random, sched, secrets, shelve, shlex, shutil, smtplib, socketserver, sqlite3, ssl
import statistics, subprocess, tarfile, tempfile, textwrap, threading, timeit, tokenize
import trace, typing, unittest.mock, urllib.request, uuid, wave, xml.dom.minidom
import xml.etree.ElementTree, xmlrpc.client, zipapp, zipfile
